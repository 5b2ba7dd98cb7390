-- name: one_case
-- One case with what was received for it.
SELECT cases.key, state, version, revision, place_basis, place_division, agency, dispatch_no,
    dispatches, policy, submitted_at, accepted_at, changed_at, due_on, due_rule, hold_reason,
    findings, trace_id, chain, content, subject
FROM cases JOIN contents ON contents.key = cases.key WHERE cases.key = ?

-- name: cases_of_person
-- Every case of a person, by the blind index of the certificate number.
SELECT cases.key, state, version, revision, place_basis, place_division, agency, dispatch_no,
    dispatches, policy, submitted_at, accepted_at, changed_at, due_on, due_rule, hold_reason,
    findings, trace_id, chain, content, subject
FROM contents JOIN cases ON cases.key = contents.key WHERE contents.person_index = ?
ORDER BY cases.key LIMIT ?

-- name: list_state
-- A page of the cases in one state, after a mark.
SELECT cases.key, state, version, revision, place_basis, place_division, agency, dispatch_no,
    dispatches, policy, submitted_at, accepted_at, changed_at, due_on, due_rule, hold_reason,
    findings, trace_id, chain, content, subject
FROM cases JOIN contents ON contents.key = cases.key
WHERE state = ? AND (due_on, cases.key) > (?, ?)
ORDER BY due_on, cases.key LIMIT ?

-- name: list_agency
-- The same of one agency.
SELECT cases.key, state, version, revision, place_basis, place_division, agency, dispatch_no,
    dispatches, policy, submitted_at, accepted_at, changed_at, due_on, due_rule, hold_reason,
    findings, trace_id, chain, content, subject
FROM cases JOIN contents ON contents.key = cases.key
WHERE agency = ? AND state = ? AND (due_on, cases.key) > (?, ?)
ORDER BY due_on, cases.key LIMIT ?

-- name: list_place
-- The same of one place.
SELECT cases.key, state, version, revision, place_basis, place_division, agency, dispatch_no,
    dispatches, policy, submitted_at, accepted_at, changed_at, due_on, due_rule, hold_reason,
    findings, trace_id, chain, content, subject
FROM cases JOIN contents ON contents.key = cases.key
WHERE place_division = ? AND state = ? AND (due_on, cases.key) > (?, ?)
ORDER BY due_on, cases.key LIMIT ?

-- name: list_agency_place
-- The same of one agency and place.
SELECT cases.key, state, version, revision, place_basis, place_division, agency, dispatch_no,
    dispatches, policy, submitted_at, accepted_at, changed_at, due_on, due_rule, hold_reason,
    findings, trace_id, chain, content, subject
FROM cases JOIN contents ON contents.key = cases.key
WHERE agency = ? AND place_division = ? AND state = ? AND (due_on, cases.key) > (?, ?)
ORDER BY due_on, cases.key LIMIT ?

-- name: history_of
-- A case's history, oldest first.
SELECT key, seq, at, step, state, actor, note, chain FROM case_history WHERE key = ? ORDER BY seq

-- name: count_states
-- Cases by state.
SELECT state, count(*) FROM cases GROUP BY state

-- name: count_held
-- Held cases by reason.
SELECT hold_reason, count(*) FROM cases WHERE state = 'HELD' GROUP BY hold_reason

-- name: count_set_aside
-- What is set aside and open, by reason.
SELECT reason, count(*) FROM set_aside WHERE closed_at IS NULL GROUP BY reason

-- name: count_overdue
-- Cases nobody has decided and whose last day is over.
SELECT count(*) FROM cases WHERE state IN ('ACCEPTED', 'DISPATCHED', 'HELD') AND due_on < ?

-- name: count_due_on
-- Cases nobody has decided and whose last day is this one, or the one that stands for unknown.
SELECT count(*) FROM cases WHERE state IN ('ACCEPTED', 'DISPATCHED', 'HELD') AND due_on = ?

-- name: backlog
-- What is owed, by peer and kind: open messages, since when, and parked ones.
SELECT peer, kind, sum(CASE WHEN parked_at IS NULL THEN 1 ELSE 0 END),
    min(CASE WHEN parked_at IS NULL THEN owed_at END),
    sum(CASE WHEN parked_at IS NULL THEN 0 ELSE 1 END)
FROM outbox WHERE ended_at IS NULL GROUP BY peer, kind ORDER BY peer, kind

-- name: kept_aside
-- What is set aside and open, newest first, without its content.
SELECT id, source, case_key, reason, detail, at FROM set_aside
WHERE closed_at IS NULL ORDER BY id DESC LIMIT ?
