-- name: due_in_state
-- A page of the cases in one state, after a mark, up to a last due date.
-- reads: cases
SELECT key, state, version, revision, place_basis, place_division, agency, dispatch_no, dispatches,
    policy, submitted_at, accepted_at, changed_at, due_on, due_rule, hold_reason, findings,
    trace_id, chain
FROM cases WHERE state = ? AND (due_on, key) > (?, ?) AND due_on <= ?
ORDER BY due_on, key LIMIT ?

-- name: due_of_agency
-- The same of one agency.
-- reads: cases
SELECT key, state, version, revision, place_basis, place_division, agency, dispatch_no, dispatches,
    policy, submitted_at, accepted_at, changed_at, due_on, due_rule, hold_reason, findings,
    trace_id, chain
FROM cases WHERE agency = ? AND state = ? AND (due_on, key) > (?, ?) AND due_on <= ?
ORDER BY due_on, key LIMIT ?

-- name: accepted_between
-- A page of the entries with which cases began, by time, after a mark, before an instant.
-- reads: case_history
SELECT key, seq, at, step, state, actor, note, chain FROM case_history
WHERE step = 'accept' AND (at, key, seq) > (?, ?, ?) AND at < ? ORDER BY at, key, seq LIMIT ?

-- name: decided_between
-- A page of the entries with which decisions came, by time, after a mark, before an instant.
-- reads: case_history
SELECT key, seq, at, step, state, actor, note, chain FROM case_history
WHERE step = 'decide' AND (at, key, seq) > (?, ?, ?) AND at < ? ORDER BY at, key, seq LIMIT ?

-- name: endings_of
-- The entries of a page of cases with which somebody decided, withdrew or returned them.
-- reads: case_history
SELECT key, seq, at, step, state, actor, note, chain FROM case_history
WHERE step IN ('decide', 'withdraw', 'return') AND key IN (SELECT value FROM json_each(?))
ORDER BY key, seq

-- name: endings_of [postgres]
-- The entries of a page of cases with which somebody decided, withdrew or returned them.
SELECT key, seq, at, step, state, actor, note, chain FROM case_history
WHERE step IN ('decide', 'withdraw', 'return') AND key = ANY (?::text[]) ORDER BY key, seq

-- name: messages_among
-- The messages about a page of cases, oldest first, without their bodies.
-- reads: outbox
SELECT case_key, kind, peer, revision, attempts, error, due_at, parked_at, ended_at, ended_as
FROM outbox WHERE case_key IN (SELECT value FROM json_each(?)) ORDER BY id

-- name: messages_among [postgres]
-- The messages about a page of cases, oldest first, without their bodies.
SELECT case_key, kind, peer, revision, attempts, error, due_at, parked_at, ended_at, ended_as
FROM outbox WHERE case_key = ANY (?::text[]) ORDER BY id

-- name: refused_by
-- A page of the messages that a peer refused and that wait for a person, after a mark.
-- reads: outbox
SELECT id, case_key, parked_at FROM outbox
WHERE peer = ? AND id > ? AND ended_at IS NULL AND parked_at IS NOT NULL ORDER BY id LIMIT ?

-- name: conflicts_between
-- A page of what agencies sent with other content under a number taken before, by time, after a mark.
-- reads: quarantine
SELECT id, case_key, at FROM quarantine
WHERE reason IN ('outcome.conflict', 'registration.conflict', 'deregistration.conflict')
AND (at, id) > (?, ?) AND at < ? ORDER BY at, id LIMIT ?
