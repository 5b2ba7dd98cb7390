"""The ledger's tables, each test on both stores."""
