-- name: probe_write
-- A real write that changes nothing of the ledger; the padding is there to need room.
-- writes: heartbeat
UPDATE heartbeat SET beats = beats + 1, padding = ? WHERE id = 1
