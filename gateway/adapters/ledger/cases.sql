-- name: case_for_change
-- One case, locked against other writers.
-- reads: cases
-- cache: find
SELECT key, state, version, revision, place_basis, place_division, agency, dispatch_no, dispatches,
    policy, submitted_at, accepted_at, changed_at, due_on, due_rule, hold_reason, findings,
    trace_id, chain
FROM cases WHERE key = ?

-- name: case_for_change [postgres]
-- One case, locked against other writers.
SELECT key, state, version, revision, place_basis, place_division, agency, dispatch_no, dispatches,
    policy, submitted_at, accepted_at, changed_at, due_on, due_rule, hold_reason, findings,
    trace_id, chain
FROM cases WHERE key = ? FOR UPDATE

-- name: cases_for_change
-- A page of cases, locked against other writers.
-- reads: cases
-- cache: load
SELECT key, state, version, revision, place_basis, place_division, agency, dispatch_no, dispatches,
    policy, submitted_at, accepted_at, changed_at, due_on, due_rule, hold_reason, findings,
    trace_id, chain
FROM cases WHERE key IN (SELECT value FROM json_each(?))

-- name: cases_for_change [postgres]
-- A page of cases, locked in the order of their keys, so that two writers cannot lock each other.
SELECT key, state, version, revision, place_basis, place_division, agency, dispatch_no, dispatches,
    policy, submitted_at, accepted_at, changed_at, due_on, due_rule, hold_reason, findings,
    trace_id, chain
FROM cases WHERE key = ANY (?::text[]) ORDER BY key FOR UPDATE

-- name: undecided_by_dispatch
-- Undecided cases of an agency by their current dispatches: not through all that it ever had.
-- reads: cases
SELECT dispatch_no, key FROM cases INDEXED BY cases_by_agency
WHERE agency = ? AND state IN ('ACCEPTED', 'DISPATCHED', 'HELD')
AND dispatch_no IN (SELECT value FROM json_each(?))

-- name: undecided_by_dispatch [postgres]
-- Undecided cases of an agency by their current dispatches.
SELECT dispatch_no, key FROM cases
WHERE agency = ? AND state IN ('ACCEPTED', 'DISPATCHED', 'HELD') AND dispatch_no = ANY (?::text[])

-- name: without_due_date
-- A page of the cases in one state whose due date is the one that stands for unknown.
-- reads: cases
SELECT key, policy, place_division, accepted_at FROM cases
WHERE state = ? AND due_on = ? AND key > ? ORDER BY key LIMIT ?

-- name: open_case
-- Open a case; no row is added when there is one under this key.
-- writes: cases
-- cache: add
INSERT INTO cases (key, state, version, revision, place_basis, place_division, agency, dispatch_no,
    dispatches, policy, submitted_at, accepted_at, changed_at, due_on, due_rule, hold_reason,
    findings, trace_id, chain, seal)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING

-- name: open_case_many [postgres]
-- The same for a page.
INSERT INTO cases (key, state, version, revision, place_basis, place_division, agency, dispatch_no,
    dispatches, policy, submitted_at, accepted_at, changed_at, due_on, due_rule, hold_reason,
    findings, trace_id, chain, seal)
SELECT * FROM unnest(?::text[], ?::text[], ?::bigint[], ?::bigint[], ?::text[], ?::text[],
    ?::text[], ?::text[], ?::bigint[], ?::text[], ?::bigint[], ?::bigint[], ?::bigint[], ?::text[],
    ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::bytea[]) ON CONFLICT DO NOTHING

-- name: keep_content
-- Keep what was received for a case.
-- writes: contents
-- deferrable: yes
INSERT INTO contents (key, key_epoch, person_index, subject, content) VALUES (?, ?, ?, ?, ?)

-- name: keep_content_many [postgres]
-- The same for a page.
INSERT INTO contents (key, key_epoch, person_index, subject, content)
SELECT * FROM unnest(?::text[], ?::bigint[], ?::bytea[], ?::bytea[], ?::bytea[])

-- name: notes_of
-- What one actor caused to be noted in a page of cases.
-- reads: case_history
SELECT key, note FROM case_history
WHERE step = ? AND actor = ? AND key IN (SELECT value FROM json_each(?))

-- name: notes_of [postgres]
-- What one actor caused to be noted in a page of cases.
SELECT key, note FROM case_history WHERE step = ? AND actor = ? AND key = ANY (?::text[])

-- name: subjects_of
-- The sealed certificate numbers of a page of cases.
-- reads: contents
SELECT key, subject FROM contents WHERE key IN (SELECT value FROM json_each(?))

-- name: subjects_of [postgres]
-- The sealed certificate numbers of a page of cases.
SELECT key, subject FROM contents WHERE key = ANY (?::text[])

-- name: contents_of
-- What was received for a page of cases, sealed.
-- reads: contents
SELECT key, content FROM contents WHERE key IN (SELECT value FROM json_each(?))

-- name: contents_of [postgres]
-- What was received for a page of cases, sealed.
SELECT key, content FROM contents WHERE key = ANY (?::text[])

-- name: replace_content
-- Replace what was unreadable by what can be read.
-- writes: contents
UPDATE contents SET key_epoch = ?, person_index = ?, subject = ?, content = ? WHERE key = ?

-- name: replace_content_many [postgres]
-- The same for a page.
UPDATE contents SET key_epoch = fresh.key_epoch, person_index = fresh.person_index,
    subject = fresh.subject, content = fresh.content
FROM unnest(?::bigint[], ?::bytea[], ?::bytea[], ?::bytea[], ?::text[])
    AS fresh (key_epoch, person_index, subject, content, key)
WHERE contents.key = fresh.key

-- name: note_history
-- Add an entry to a case's history.
-- writes: case_history
-- deferrable: yes
INSERT INTO case_history (key, seq, at, step, state, actor, note, chain)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)

-- name: note_history_many [postgres]
-- The same for a page.
INSERT INTO case_history (key, seq, at, step, state, actor, note, chain)
SELECT * FROM unnest(?::text[], ?::bigint[], ?::bigint[], ?::text[], ?::text[], ?::text[],
    ?::text[], ?::text[])

-- name: save_step
-- Save what most steps change: an index on any other column then need not be rewritten.
-- writes: cases
UPDATE cases SET state = ?, version = ?, revision = ?, changed_at = ?, hold_reason = ?, chain = ?,
    seal = ?
WHERE key = ? AND version = ?

-- name: save_case
-- Save a case over the version it was read at.
-- writes: cases
-- cache: replace
UPDATE cases SET state = ?, version = ?, revision = ?, place_basis = ?, place_division = ?,
    agency = ?, dispatch_no = ?, dispatches = ?, policy = ?, submitted_at = ?, accepted_at = ?,
    changed_at = ?, due_on = ?, due_rule = ?, hold_reason = ?, findings = ?, trace_id = ?, chain = ?,
    seal = ?
WHERE key = ? AND version = ?

-- name: save_case_many [postgres]
-- The same for a page.
UPDATE cases SET state = saved.state, version = saved.version, revision = saved.revision,
    place_basis = saved.place_basis, place_division = saved.place_division, agency = saved.agency,
    dispatch_no = saved.dispatch_no, dispatches = saved.dispatches, policy = saved.policy,
    submitted_at = saved.submitted_at, accepted_at = saved.accepted_at,
    changed_at = saved.changed_at, due_on = saved.due_on, due_rule = saved.due_rule,
    hold_reason = saved.hold_reason, findings = saved.findings, trace_id = saved.trace_id,
    chain = saved.chain, seal = saved.seal
FROM unnest(?::text[], ?::bigint[], ?::bigint[], ?::text[], ?::text[], ?::text[], ?::text[],
    ?::bigint[], ?::text[], ?::bigint[], ?::bigint[], ?::bigint[], ?::text[], ?::text[], ?::text[],
    ?::text[], ?::text[], ?::text[], ?::bytea[], ?::text[], ?::bigint[])
    AS saved (state, version, revision, place_basis, place_division, agency, dispatch_no,
    dispatches, policy, submitted_at, accepted_at, changed_at, due_on, due_rule, hold_reason,
    findings, trace_id, chain, seal, key, expected)
WHERE cases.key = saved.key AND cases.version = saved.expected
