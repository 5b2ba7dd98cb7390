-- name: history_of
-- A case's history, oldest first.
-- reads: case_history
SELECT key, seq, at, step, state, actor, note, chain FROM case_history WHERE key = ? ORDER BY seq

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
WHERE case_key = ? AND reason IN ('application.conflict', 'outcome.conflict',
    'registration.conflict', 'deregistration.conflict')
AND closed_at IS NULL ORDER BY id LIMIT ?

-- name: first_reports
-- What was taken first of a case under some revisions: its outcomes, or its registrations.
-- reads: outbox
SELECT number, body FROM outbox
WHERE case_key = ? AND kind = ? AND peer = ? AND number IN (SELECT value FROM json_each(?))

-- name: first_reports [postgres]
-- What was taken first of a case under some revisions: its outcomes, or its registrations.
SELECT number, body FROM outbox
WHERE case_key = ? AND kind = ? AND peer = ? AND number = ANY (?::text[])
