-- name: count_states
-- Cases by state.
-- reads: cases
SELECT state, count(*) FROM cases GROUP BY state

-- name: count_open_by_agency
-- Cases that an agency has and has not decided, by agency.
-- reads: cases
SELECT agency, count(*) FROM cases
WHERE agency IS NOT NULL AND state IN ('ACCEPTED', 'DISPATCHED') GROUP BY agency

-- name: count_held
-- Held cases by reason.
-- reads: cases
SELECT hold_reason, count(*) FROM cases WHERE state = 'HELD' GROUP BY hold_reason

-- name: count_quarantined
-- Open items in quarantine, by reason.
-- reads: quarantine
SELECT reason, count(*) FROM quarantine WHERE closed_at IS NULL GROUP BY reason

-- name: count_overdue
-- Cases nobody has decided and whose last day is over.
-- reads: cases
SELECT count(*) FROM cases WHERE state IN ('ACCEPTED', 'DISPATCHED', 'HELD') AND due_on < ?

-- name: count_due_on
-- Cases nobody has decided and whose last day is this one, or the one that stands for unknown.
-- reads: cases
SELECT count(*) FROM cases WHERE state IN ('ACCEPTED', 'DISPATCHED', 'HELD') AND due_on = ?

-- name: backlog
-- What is to be sent, by peer and kind: open messages, since when, and parked ones.
-- reads: outbox
SELECT peer, kind, sum(CASE WHEN parked_at IS NULL THEN 1 ELSE 0 END) AS depth,
    min(CASE WHEN parked_at IS NULL THEN owed_at END) AS oldest,
    sum(CASE WHEN parked_at IS NULL THEN 0 ELSE 1 END) AS parked
FROM outbox WHERE ended_at IS NULL GROUP BY peer, kind ORDER BY peer, kind
