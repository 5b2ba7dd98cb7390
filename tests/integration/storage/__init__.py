"""台账 on a real SQLite file and a real PostgreSQL: one suite, both stores."""
