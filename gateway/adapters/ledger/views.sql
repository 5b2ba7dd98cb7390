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

-- name: open_of_person
-- Some open cases of the person with this blind index, but for one case.
-- reads: cases, contents
SELECT other.key FROM contents AS other JOIN cases AS theirs ON theirs.key = other.key
WHERE other.person_index = ? AND other.key <> ?
AND theirs.state IN ('ACCEPTED', 'DISPATCHED', 'HELD') LIMIT ?

-- name: history_of
-- A case's history, oldest first.
-- reads: case_history
SELECT key, seq, at, step, state, actor, note, chain FROM case_history WHERE key = ? ORDER BY seq

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

-- name: list_quarantined
-- Open items in quarantine, newest first, without their content.
-- reads: quarantine
SELECT id, source, case_key, reason, detail, at FROM quarantine
WHERE closed_at IS NULL ORDER BY id DESC LIMIT ?

-- name: messages_of
-- The messages about a case, with how sending them went, oldest first.
-- reads: outbox
SELECT kind, peer, number, revision, attempts, error, due_at, parked_at, ended_at, ended_as
FROM outbox WHERE case_key = ? ORDER BY id

-- name: conflicts_of
-- What came under the number of a case with other content, and waits for a person.
-- reads: quarantine
SELECT source, reason, detail, at, digest, content FROM quarantine
WHERE case_key = ? AND reason IN ('application.conflict', 'outcome.conflict')
AND closed_at IS NULL ORDER BY id LIMIT ?

-- name: first_report
-- The outcome that was taken first under a revision.
-- reads: outbox
SELECT body FROM outbox WHERE kind = 'report' AND peer = ? AND number = ?
