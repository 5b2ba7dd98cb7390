-- name: one_case
-- One case with what was received for it.
-- reads: cases, contents
SELECT cases.key, state, version, revision, place_basis, place_division, agency, dispatch_no,
    dispatches, policy, submitted_at, accepted_at, changed_at, due_on, due_rule, hold_reason,
    findings, trace_id, chain, content, subject
FROM cases JOIN contents ON contents.key = cases.key WHERE cases.key = ?

-- name: list_state
-- A page of the cases in one state, after a mark.
-- reads: cases, contents
SELECT cases.key, state, version, revision, place_basis, place_division, agency, dispatch_no,
    dispatches, policy, submitted_at, accepted_at, changed_at, due_on, due_rule, hold_reason,
    findings, trace_id, chain, content, subject
FROM cases JOIN contents ON contents.key = cases.key
WHERE state = ? AND (due_on, cases.key) > (?, ?)
ORDER BY due_on, cases.key LIMIT ?

-- name: list_agency
-- The same of one agency.
-- reads: cases, contents
SELECT cases.key, state, version, revision, place_basis, place_division, agency, dispatch_no,
    dispatches, policy, submitted_at, accepted_at, changed_at, due_on, due_rule, hold_reason,
    findings, trace_id, chain, content, subject
FROM cases JOIN contents ON contents.key = cases.key
WHERE agency = ? AND state = ? AND (due_on, cases.key) > (?, ?)
ORDER BY due_on, cases.key LIMIT ?

-- name: cases_among
-- A page of cases by their keys, without what was received for them.
-- reads: cases
SELECT key, state, version, revision, place_basis, place_division, agency, dispatch_no, dispatches,
    policy, submitted_at, accepted_at, changed_at, due_on, due_rule, hold_reason, findings,
    trace_id, chain
FROM cases WHERE key IN (SELECT value FROM json_each(?))

-- name: cases_among [postgres]
-- A page of cases by their keys, without what was received for them.
SELECT key, state, version, revision, place_basis, place_division, agency, dispatch_no, dispatches,
    policy, submitted_at, accepted_at, changed_at, due_on, due_rule, hold_reason, findings,
    trace_id, chain
FROM cases WHERE key = ANY (?::text[])

-- name: open_of_same_person
-- Some other open cases of the persons of a page of cases; not sorted, so that each ends early.
-- reads: cases, contents
SELECT mine.key, others.value AS other
FROM contents AS mine CROSS JOIN json_each((SELECT json_group_array(found.key) FROM (
    SELECT other.key FROM contents AS other JOIN cases AS theirs ON theirs.key = other.key
    WHERE other.person_index = mine.person_index AND other.key <> mine.key
    AND theirs.state IN ('ACCEPTED', 'DISPATCHED', 'HELD') LIMIT ?) AS found)) AS others
WHERE mine.key IN (SELECT value FROM json_each(?))

-- name: open_of_same_person [postgres]
-- Some other open cases of the persons of a page of cases; not sorted, so that each ends early.
SELECT mine.key, others.key AS other
FROM contents AS mine CROSS JOIN LATERAL (
    SELECT other.key FROM contents AS other JOIN cases AS theirs ON theirs.key = other.key
    WHERE other.person_index = mine.person_index AND other.key <> mine.key
    AND theirs.state IN ('ACCEPTED', 'DISPATCHED', 'HELD') LIMIT ?) AS others
WHERE mine.key = ANY (?::text[])

-- name: open_of_person
-- Some open cases of the person with this blind index, but for one case.
-- reads: cases, contents
SELECT other.key FROM contents AS other JOIN cases AS theirs ON theirs.key = other.key
WHERE other.person_index = ? AND other.key <> ?
AND theirs.state IN ('ACCEPTED', 'DISPATCHED', 'HELD') LIMIT ?
