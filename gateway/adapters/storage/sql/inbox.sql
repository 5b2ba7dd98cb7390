-- name: spend
-- Use up a nonce; no row is added when it was used before.
INSERT INTO nonces (key_id, nonce, until) VALUES (?, ?, ?) ON CONFLICT DO NOTHING

-- name: spend_many [postgres]
-- The same for a group.
INSERT INTO nonces (key_id, nonce, until)
SELECT * FROM unnest(?::text[], ?::text[], ?::bigint[]) ON CONFLICT DO NOTHING

-- name: spent_among [postgres]
-- Which nonces of a group were used before.
SELECT nonces.key_id, nonces.nonce FROM unnest(?::text[], ?::text[]) AS asked (key_id, nonce)
JOIN nonces USING (key_id, nonce)

-- name: sweep_nonces
-- Forget some nonces that nobody could use any more.
DELETE FROM nonces WHERE (key_id, nonce) IN (
    SELECT key_id, nonce FROM nonces WHERE until < ? ORDER BY until LIMIT ?)

-- name: sweep_nonces [postgres]
-- Two lanes sweep different ones.
DELETE FROM nonces WHERE (key_id, nonce) IN (
    SELECT key_id, nonce FROM nonces WHERE until < ? ORDER BY until LIMIT ?
    FOR UPDATE SKIP LOCKED)

-- name: remember
-- Remember a message with its receipt; no row is added when it was seen before.
INSERT INTO inbox (source, key, kind, revision, digest, receipt, at)
VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING

-- name: remember_many [postgres]
-- The same for a page.
INSERT INTO inbox (source, key, kind, revision, digest, receipt, at)
SELECT * FROM unnest(?::text[], ?::text[], ?::text[], ?::bigint[], ?::text[], ?::bytea[],
    ?::bigint[]) ON CONFLICT DO NOTHING

-- name: seen
-- What is remembered of one message.
SELECT source, key, kind, revision, digest, receipt FROM inbox
WHERE source = ? AND key = ? AND kind = ? AND revision = ?

-- name: seen_among
-- What is remembered of a page of messages.
SELECT inbox.source, inbox.key, inbox.kind, inbox.revision, inbox.digest, inbox.receipt
FROM json_each(?) AS asked CROSS JOIN inbox
ON inbox.source = asked.value ->> 0 AND inbox.key = asked.value ->> 1
AND inbox.kind = asked.value ->> 2 AND inbox.revision = asked.value ->> 3

-- name: seen_among [postgres]
-- What is remembered of a page of messages.
SELECT inbox.source, inbox.key, inbox.kind, inbox.revision, inbox.digest, inbox.receipt
FROM unnest(?::text[], ?::text[], ?::text[], ?::bigint[])
    AS asked (source, key, kind, revision)
JOIN inbox USING (source, key, kind, revision)

-- name: set_aside
-- Keep what cannot be taken over, once.
INSERT INTO set_aside (source, case_key, reason, detail, digest, content, at)
VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (source, digest, reason) DO NOTHING

-- name: set_aside_many [postgres]
-- The same for a page.
INSERT INTO set_aside (source, case_key, reason, detail, digest, content, at)
SELECT * FROM unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::bytea[],
    ?::bigint[]) ON CONFLICT (source, digest, reason) DO NOTHING

-- name: beat
-- A real write that changes nothing of the ledger.
UPDATE heartbeat SET beats = beats + 1 WHERE id = 1
