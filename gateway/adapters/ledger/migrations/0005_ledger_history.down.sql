DROP TABLE ledger_history;
