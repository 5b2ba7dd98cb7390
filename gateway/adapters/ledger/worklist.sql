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

-- name: shared_persons
-- Which of a page of cases are of a person who has another open one, by the blind index.
-- reads: cases, contents
SELECT mine.key FROM contents AS mine
WHERE mine.key IN (SELECT value FROM json_each(?)) AND EXISTS (SELECT 1
    FROM contents AS other JOIN cases AS theirs ON theirs.key = other.key
    WHERE other.person_index = mine.person_index AND other.key <> mine.key
    AND theirs.state IN ('ACCEPTED', 'DISPATCHED', 'HELD'))

-- name: shared_persons [postgres]
-- Which of a page of cases are of a person who has another open one, by the blind index.
SELECT mine.key FROM contents AS mine
WHERE mine.key = ANY (?::text[]) AND EXISTS (SELECT 1
    FROM contents AS other JOIN cases AS theirs ON theirs.key = other.key
    WHERE other.person_index = mine.person_index AND other.key <> mine.key
    AND theirs.state IN ('ACCEPTED', 'DISPATCHED', 'HELD'))

-- name: open_of_same_person
-- Some other open cases of the person whom a case is about; not sorted, so that it ends early.
-- reads: cases, contents
SELECT other.key FROM contents AS mine
JOIN contents AS other ON other.person_index = mine.person_index
JOIN cases AS theirs ON theirs.key = other.key
WHERE mine.key = ? AND other.key <> mine.key
AND theirs.state IN ('ACCEPTED', 'DISPATCHED', 'HELD') LIMIT ?
