-- name: record_inbox_entry
-- Record a message with its receipt; no row is added when it was seen before.
-- writes: inbox
-- cache: add
INSERT INTO inbox (source, key, kind, revision, digest, receipt, at)
VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING

-- name: record_inbox_entry_many [postgres]
-- The same for a page.
INSERT INTO inbox (source, key, kind, revision, digest, receipt, at)
SELECT * FROM unnest(?::text[], ?::text[], ?::text[], ?::bigint[], ?::text[], ?::bytea[],
    ?::bigint[]) ON CONFLICT DO NOTHING

-- name: inbox_entry
-- What is remembered of one message.
-- reads: inbox
-- cache: find
SELECT source, key, kind, revision, digest, receipt FROM inbox
WHERE source = ? AND key = ? AND kind = ? AND revision = ?

-- name: inbox_entries
-- What is remembered of a page of messages.
-- reads: inbox
-- cache: load
SELECT inbox.source, inbox.key, inbox.kind, inbox.revision, inbox.digest, inbox.receipt
FROM json_each(?) AS asked CROSS JOIN inbox
ON inbox.source = asked.value ->> 0 AND inbox.key = asked.value ->> 1
AND inbox.kind = asked.value ->> 2 AND inbox.revision = asked.value ->> 3

-- name: inbox_entries [postgres]
-- What is remembered of a page of messages.
SELECT inbox.source, inbox.key, inbox.kind, inbox.revision, inbox.digest, inbox.receipt
FROM unnest(?::text[], ?::text[], ?::text[], ?::bigint[])
    AS asked (source, key, kind, revision)
JOIN inbox USING (source, key, kind, revision)
