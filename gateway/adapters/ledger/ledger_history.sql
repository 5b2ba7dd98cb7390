-- name: add_ledger_entry
-- Append what happened to the ledger.
-- writes: ledger_history
INSERT INTO ledger_history (at, step, actor, seal) VALUES (?, ?, ?, ?)

-- name: ledger_history
-- What happened to the ledger, oldest first: a few rows in its whole life.
-- reads: ledger_history
SELECT id, at, step, actor, seal FROM ledger_history ORDER BY id
