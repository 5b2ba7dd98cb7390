-- name: acquire_lease
-- Take a free lease, or renew one's own; no row comes back while another holds it.
-- writes: leases
INSERT INTO leases (name, holder, until, epoch) VALUES (?, ?, ?, 1)
ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until,
    epoch = CASE WHEN leases.holder = excluded.holder THEN leases.epoch ELSE leases.epoch + 1 END
WHERE leases.holder = excluded.holder OR leases.until <= ? OR leases.until > ?
RETURNING epoch

-- name: lease_for_update
-- Whether a lease is still its holder's, locked against the next.
-- reads: leases
SELECT epoch FROM leases WHERE name = ? AND holder = ? AND epoch = ?

-- name: lease_for_update [postgres]
-- The same; the next holder waits for the end of the transaction.
SELECT epoch FROM leases WHERE name = ? AND holder = ? AND epoch = ? FOR UPDATE

-- name: release_lease
-- End a lease that is still its holder's.
-- writes: leases
UPDATE leases SET until = 0 WHERE name = ? AND holder = ? AND epoch = ?
