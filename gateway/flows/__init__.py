"""The flows: one a file, read top to bottom; they meet in the ledger (台账) only."""
