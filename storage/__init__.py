"""存储引擎: runs units of work on SQLite (one process) or PostgreSQL (several), and knows no table.

`store` opens either for a `Schema`: the tables, the statements and the two factories that its user
supplies. `session` is what a unit sees of a transaction, `statements` and `migrations` read the SQL
files of the user, `sealing` protects personal data before it is stored.
"""
