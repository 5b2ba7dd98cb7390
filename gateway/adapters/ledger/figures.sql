-- name: count_open
-- Cases that have not come to their end, by state.
-- reads: cases
SELECT state, count(*) FROM cases
WHERE state IN ('ACCEPTED', 'DISPATCHED', 'HELD', 'DECIDED') GROUP BY state

-- name: count_closed
-- Cases that have come to their end, by state, as the database counted them.
-- reads: closed_cases
SELECT state, sum(number) FROM closed_cases GROUP BY state

-- name: count_open_by_agency
-- Cases that an agency has and has not decided, by agency.
-- reads: cases
SELECT agency, count(*) FROM cases
WHERE agency IS NOT NULL AND state IN ('ACCEPTED', 'DISPATCHED') GROUP BY agency

-- name: count_open_by_agency [sqlite]
-- Cases that an agency has and has not decided, by agency: not through all that it ever had.
SELECT agency, count(*) FROM cases INDEXED BY cases_by_state
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

-- name: count_due_soon
-- Cases nobody has decided and whose last day lies between two days, both included.
-- reads: cases
SELECT count(*) FROM cases
WHERE state IN ('ACCEPTED', 'DISPATCHED', 'HELD') AND due_on >= ? AND due_on <= ?

-- name: backlog
-- What is to be sent, by peer and kind: open messages, since when, and parked ones.
-- reads: outbox
SELECT peer, kind, sum(depth) AS depth, min(oldest) AS oldest, sum(parked) AS parked FROM (
    SELECT peer, kind, count(*) AS depth, min(owed_at) AS oldest, 0 AS parked FROM outbox
    WHERE ended_at IS NULL AND parked_at IS NULL GROUP BY peer, kind
    UNION ALL
    SELECT peer, kind, 0, NULL, count(*) FROM outbox
    WHERE ended_at IS NULL AND parked_at IS NOT NULL GROUP BY peer, kind) AS waiting
GROUP BY peer, kind ORDER BY peer, kind

-- name: backlog [sqlite]
-- What is to be sent, by peer and kind: not through all that was ever sent, which is in order.
SELECT peer, kind, sum(depth) AS depth, min(oldest) AS oldest, sum(parked) AS parked FROM (
    SELECT peer, kind, count(*) AS depth, min(owed_at) AS oldest, 0 AS parked
    FROM outbox INDEXED BY outbox_open
    WHERE ended_at IS NULL AND parked_at IS NULL GROUP BY peer, kind
    UNION ALL
    SELECT peer, kind, 0, NULL, count(*) FROM outbox INDEXED BY outbox_parked
    WHERE ended_at IS NULL AND parked_at IS NOT NULL GROUP BY peer, kind) AS waiting
GROUP BY peer, kind ORDER BY peer, kind
