-- name: unsealed_cases
-- Some cases without a seal, by key.
-- reads: cases
SELECT key, state, version, revision, place_basis, place_division, agency, dispatch_no, dispatches,
    policy, submitted_at, accepted_at, changed_at, due_on, due_rule, hold_reason, findings,
    trace_id, chain
FROM cases WHERE key > ? AND seal IS NULL ORDER BY key LIMIT ?

-- name: unsealed_cases [postgres]
-- Some cases without a seal, by key, locked.
SELECT key, state, version, revision, place_basis, place_division, agency, dispatch_no, dispatches,
    policy, submitted_at, accepted_at, changed_at, due_on, due_rule, hold_reason, findings,
    trace_id, chain
FROM cases WHERE key > ? AND seal IS NULL ORDER BY key LIMIT ? FOR UPDATE

-- name: histories_of
-- The histories of some cases.
-- reads: case_history
SELECT key, seq, at, step, state, actor, note, chain FROM case_history
WHERE key IN (SELECT value FROM json_each(?)) ORDER BY key, seq

-- name: histories_of [postgres]
-- The histories of some cases.
SELECT key, seq, at, step, state, actor, note, chain FROM case_history
WHERE key = ANY (?::text[]) ORDER BY key, seq
