-- name: probe_write
-- A real write that changes nothing of the ledger.
-- writes: heartbeat
UPDATE heartbeat SET beats = beats + 1 WHERE id = 1
