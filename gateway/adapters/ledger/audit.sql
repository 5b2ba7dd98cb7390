-- name: audit_cases
-- A page of cases with their seals, by key.
-- reads: cases
SELECT key, state, version, revision, place_basis, place_division, agency, dispatch_no, dispatches,
    policy, submitted_at, accepted_at, changed_at, due_on, due_rule, hold_reason, findings,
    trace_id, chain, seal
FROM cases WHERE key > ? ORDER BY key LIMIT ?

-- name: audit_history
-- The history of a page of cases.
-- reads: case_history
SELECT key, seq, at, step, state, actor, note, chain FROM case_history
WHERE key > ? AND key <= ? ORDER BY key, seq

-- name: audit_history_after
-- The history of the last cases, and whatever stands behind.
-- reads: case_history
SELECT key, seq, at, step, state, actor, note, chain FROM case_history
WHERE key > ? ORDER BY key, seq
