-- `COALESCE(…) = 0` says the same as `IS NULL`, but no partial index fits it: where rows are named by
-- id or number, a planner without statistics shall not walk the index of all that is open.

-- name: enqueue
-- Add a message; one already there under the same number, which names its case, stays as it is.
-- writes: outbox
-- deferrable: yes
INSERT INTO outbox (kind, peer, case_key, number, revision, body, owed_at, due_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING

-- name: enqueue_many [postgres]
-- The same for a page.
INSERT INTO outbox (kind, peer, case_key, number, revision, body, owed_at, due_at)
SELECT * FROM unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::bigint[], ?::bytea[],
    ?::bigint[], ?::bigint[]) ON CONFLICT (kind, peer, number) DO NOTHING

-- name: claim
-- Lease the oldest due messages of a peer; of a case only the oldest open one.
-- writes: outbox
WITH ready AS (
    SELECT due.id FROM outbox AS due
    WHERE due.peer = ? AND due.due_at <= ? AND (due.lease_until <= ? OR due.lease_until > ?)
    AND due.ended_at IS NULL AND due.parked_at IS NULL
    AND due.id = (SELECT min(older.id) FROM outbox AS older
        WHERE older.case_key = due.case_key AND older.peer = due.peer
        AND older.ended_at IS NULL AND COALESCE(older.parked_at, 0) = 0)
    ORDER BY due.due_at, due.id LIMIT ?)
UPDATE outbox SET lease_until = ?, epoch = epoch + 1, attempts = attempts + 1
WHERE id IN (SELECT id FROM ready)
RETURNING id

-- name: claim [postgres]
-- The same; rows that another claimer is just leasing are passed over.
WITH ready AS MATERIALIZED (
    SELECT due.id FROM outbox AS due
    WHERE due.peer = ? AND due.due_at <= ? AND (due.lease_until <= ? OR due.lease_until > ?)
    AND due.ended_at IS NULL AND due.parked_at IS NULL
    AND due.id = (SELECT min(older.id) FROM outbox AS older
        WHERE older.case_key = due.case_key AND older.peer = due.peer
        AND older.ended_at IS NULL AND COALESCE(older.parked_at, 0) = 0)
    ORDER BY due.due_at, due.id LIMIT ? FOR UPDATE OF due SKIP LOCKED)
UPDATE outbox SET lease_until = ?, epoch = outbox.epoch + 1, attempts = outbox.attempts + 1
FROM ready WHERE outbox.id = ready.id
RETURNING outbox.id

-- name: redate
-- Make due what a wrong clock has put off beyond any pause.
-- writes: outbox
UPDATE outbox SET due_at = ? WHERE peer = ? AND due_at > ?
AND ended_at IS NULL AND parked_at IS NULL

-- name: next_due
-- When the next message of a peer can be claimed: its due time, or the end of its lease.
-- reads: outbox
SELECT due.due_at, due.lease_until FROM outbox AS due
WHERE due.peer = ? AND due.ended_at IS NULL AND due.parked_at IS NULL
AND due.id = (SELECT min(older.id) FROM outbox AS older
    WHERE older.case_key = due.case_key AND older.peer = due.peer
    AND older.ended_at IS NULL AND COALESCE(older.parked_at, 0) = 0)
ORDER BY due.due_at, due.id LIMIT 1

-- name: claimed
-- Claimed messages with what is needed to send them; of a dispatch also the application.
-- reads: cases, contents, outbox
SELECT outbox.id, outbox.epoch AS fence, outbox.kind, outbox.peer, outbox.case_key, outbox.number,
    outbox.revision, outbox.attempts, cases.trace_id, outbox.body, contents.content
FROM outbox LEFT JOIN cases ON cases.key = outbox.case_key
LEFT JOIN contents ON contents.key = outbox.case_key AND outbox.kind = 'dispatch'
WHERE outbox.id IN (SELECT value FROM json_each(?)) ORDER BY outbox.due_at, outbox.id

-- name: claimed [postgres]
-- Claimed messages with what is needed to send them; of a dispatch also the application.
SELECT outbox.id, outbox.epoch AS fence, outbox.kind, outbox.peer, outbox.case_key, outbox.number,
    outbox.revision, outbox.attempts, cases.trace_id, outbox.body, contents.content
FROM outbox LEFT JOIN cases ON cases.key = outbox.case_key
LEFT JOIN contents ON contents.key = outbox.case_key AND outbox.kind = 'dispatch'
WHERE outbox.id = ANY (?::bigint[]) ORDER BY outbox.due_at, outbox.id

-- name: pending_dispatches
-- The oldest open dispatches of an agency that fetches.
-- reads: cases, contents, outbox
SELECT outbox.id, outbox.epoch AS fence, outbox.kind, outbox.peer, outbox.case_key, outbox.number,
    outbox.revision, outbox.attempts, cases.trace_id, outbox.body, contents.content
FROM outbox LEFT JOIN cases ON cases.key = outbox.case_key
LEFT JOIN contents ON contents.key = outbox.case_key
WHERE outbox.peer = ? AND outbox.kind = 'dispatch'
AND outbox.ended_at IS NULL AND outbox.parked_at IS NULL
ORDER BY outbox.due_at, outbox.id LIMIT ?

-- name: open_dispatches
-- Open dispatches to an agency by their numbers, with their applications.
-- reads: cases, contents, outbox
SELECT outbox.id, outbox.epoch AS fence, outbox.kind, outbox.peer, outbox.case_key, outbox.number,
    outbox.revision, outbox.attempts, cases.trace_id, outbox.body, contents.content
FROM outbox INDEXED BY outbox_dispatched LEFT JOIN cases ON cases.key = outbox.case_key
LEFT JOIN contents ON contents.key = outbox.case_key
WHERE outbox.kind = 'dispatch' AND outbox.peer = ?
AND outbox.number IN (SELECT value FROM json_each(?))
AND outbox.ended_at IS NULL AND COALESCE(outbox.parked_at, 0) = 0

-- name: open_dispatches [postgres]
-- Open dispatches to an agency by their numbers, with their applications.
SELECT outbox.id, outbox.epoch AS fence, outbox.kind, outbox.peer, outbox.case_key, outbox.number,
    outbox.revision, outbox.attempts, cases.trace_id, outbox.body, contents.content
FROM outbox LEFT JOIN cases ON cases.key = outbox.case_key
LEFT JOIN contents ON contents.key = outbox.case_key
WHERE outbox.kind = 'dispatch' AND outbox.peer = ?
AND outbox.number = ANY (?::text[])
AND COALESCE(outbox.ended_at, outbox.parked_at, 0) = 0

-- name: dispatches_to
-- The numbers of the dispatches of a page of cases to one agency, open or ended.
-- reads: outbox
SELECT number FROM outbox WHERE kind = 'dispatch' AND peer = ?
AND case_key IN (SELECT value FROM json_each(?))

-- name: dispatches_to [postgres]
-- The numbers of the dispatches of a page of cases to one agency, open or ended.
SELECT number FROM outbox WHERE kind = 'dispatch' AND peer = ? AND case_key = ANY (?::text[])

-- name: newest_uploads
-- The newest record of each kind about a page of cases to one peer, sent or not.
-- reads: outbox
SELECT case_key, kind, max(revision) AS revision, number, body FROM outbox
WHERE peer = ? AND case_key IN (SELECT value FROM json_each(?)) GROUP BY case_key, kind

-- name: newest_uploads [postgres]
-- The newest record of each kind about a page of cases to one peer, sent or not.
SELECT DISTINCT ON (case_key, kind) case_key, kind, revision, number, body FROM outbox
WHERE peer = ? AND case_key = ANY (?::text[]) ORDER BY case_key, kind, revision DESC

-- name: settle
-- End messages that are still this claimer's.
-- writes: outbox
UPDATE outbox SET ended_at = ?, ended_as = 'settled', error = NULL
FROM (SELECT value ->> 0 AS id, value ->> 1 AS epoch FROM json_each(?)) AS mine
WHERE outbox.id = mine.id AND outbox.epoch = mine.epoch
AND COALESCE(outbox.ended_at, outbox.parked_at, 0) = 0
RETURNING outbox.id

-- name: settle [postgres]
-- End messages that are still this claimer's.
UPDATE outbox SET ended_at = ?, ended_as = 'settled', error = NULL
FROM unnest(?::bigint[], ?::bigint[]) AS mine (id, epoch)
WHERE outbox.id = mine.id AND outbox.epoch = mine.epoch
AND COALESCE(outbox.ended_at, outbox.parked_at, 0) = 0
RETURNING outbox.id

-- name: postpone
-- Hand messages back that are still this claimer's, to go again later.
-- writes: outbox
UPDATE outbox SET due_at = ?, error = ?, lease_until = 0
FROM (SELECT value ->> 0 AS id, value ->> 1 AS epoch FROM json_each(?)) AS mine
WHERE outbox.id = mine.id AND outbox.epoch = mine.epoch
AND COALESCE(outbox.ended_at, outbox.parked_at, 0) = 0
RETURNING outbox.id

-- name: postpone [postgres]
-- Hand messages back that are still this claimer's, to go again later.
UPDATE outbox SET due_at = ?, error = ?, lease_until = 0
FROM unnest(?::bigint[], ?::bigint[]) AS mine (id, epoch)
WHERE outbox.id = mine.id AND outbox.epoch = mine.epoch
AND COALESCE(outbox.ended_at, outbox.parked_at, 0) = 0
RETURNING outbox.id

-- name: park
-- Take messages out of sending that are still this claimer's.
-- writes: outbox
UPDATE outbox SET parked_at = ?, error = ?, lease_until = 0
FROM (SELECT value ->> 0 AS id, value ->> 1 AS epoch FROM json_each(?)) AS mine
WHERE outbox.id = mine.id AND outbox.epoch = mine.epoch
AND COALESCE(outbox.ended_at, outbox.parked_at, 0) = 0
RETURNING outbox.id

-- name: park [postgres]
-- Take messages out of sending that are still this claimer's.
UPDATE outbox SET parked_at = ?, error = ?, lease_until = 0
FROM unnest(?::bigint[], ?::bigint[]) AS mine (id, epoch)
WHERE outbox.id = mine.id AND outbox.epoch = mine.epoch
AND COALESCE(outbox.ended_at, outbox.parked_at, 0) = 0
RETURNING outbox.id

-- name: park_damaged
-- Take messages that cannot be read out of sending.
-- writes: outbox
UPDATE outbox SET parked_at = ?, error = ?, lease_until = 0
WHERE id IN (SELECT value FROM json_each(?)) AND COALESCE(ended_at, parked_at, 0) = 0
RETURNING id

-- name: park_damaged [postgres]
-- Take messages that cannot be read out of sending.
UPDATE outbox SET parked_at = ?, error = ?, lease_until = 0
WHERE id = ANY (?::bigint[]) AND COALESCE(ended_at, parked_at, 0) = 0
RETURNING id

-- name: cancel
-- End the messages of one kind of a page of cases, parked ones too.
-- writes: outbox
UPDATE outbox SET ended_at = ?, ended_as = 'cancelled'
WHERE kind = ? AND case_key IN (SELECT value FROM json_each(?)) AND ended_at IS NULL
RETURNING id

-- name: cancel [postgres]
-- End the messages of one kind of a page of cases, parked ones too.
UPDATE outbox SET ended_at = ?, ended_as = 'cancelled'
WHERE kind = ? AND case_key = ANY (?::text[]) AND ended_at IS NULL
RETURNING id

-- name: parked_of
-- Parked messages of a page of cases.
-- reads: outbox
SELECT id, kind, peer, case_key, number, revision, attempts, error FROM outbox
WHERE case_key IN (SELECT value FROM json_each(?))
AND ended_at IS NULL AND parked_at IS NOT NULL ORDER BY id

-- name: parked_of [postgres]
-- Parked messages of a page of cases.
SELECT id, kind, peer, case_key, number, revision, attempts, error FROM outbox
WHERE case_key = ANY (?::text[])
AND ended_at IS NULL AND parked_at IS NOT NULL ORDER BY id

-- name: parked_to
-- Parked messages to a peer, oldest first.
-- reads: outbox
SELECT id, kind, peer, case_key, number, revision, attempts, error FROM outbox
WHERE peer = ? AND ended_at IS NULL AND parked_at IS NOT NULL ORDER BY id LIMIT ?

-- name: unpark
-- Let parked messages go again; the attempts of one that got no answer are not forgotten.
-- writes: outbox
UPDATE outbox SET parked_at = NULL, due_at = ?, lease_until = 0, epoch = epoch + 1,
    attempts = CASE WHEN error = ? THEN attempts ELSE 0 END, error = NULL
WHERE id IN (SELECT value FROM json_each(?)) AND ended_at IS NULL AND parked_at IS NOT NULL
RETURNING id

-- name: unpark [postgres]
-- Let parked messages go again; the attempts of one that got no answer are not forgotten.
UPDATE outbox SET parked_at = NULL, due_at = ?, lease_until = 0, epoch = epoch + 1,
    attempts = CASE WHEN error = ? THEN attempts ELSE 0 END, error = NULL
WHERE id = ANY (?::bigint[]) AND ended_at IS NULL AND parked_at IS NOT NULL
RETURNING id
