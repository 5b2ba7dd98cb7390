-- name: consume
-- Use up a nonce; no row is added when it was used before.
-- writes: nonces
-- cache: add
INSERT INTO nonces (key_id, nonce, until) VALUES (?, ?, ?) ON CONFLICT DO NOTHING

-- name: consume_many [postgres]
-- The same for a batch.
INSERT INTO nonces (key_id, nonce, until)
SELECT * FROM unnest(?::text[], ?::text[], ?::bigint[]) ON CONFLICT DO NOTHING

-- name: consumed_among [postgres]
-- Which nonces of a batch were used before.
-- reads: nonces
-- cache: load
SELECT nonces.key_id, nonces.nonce FROM unnest(?::text[], ?::text[]) AS asked (key_id, nonce)
JOIN nonces USING (key_id, nonce)

-- name: delete_expired_nonces
-- Delete some nonces that nobody could use any more.
-- writes: nonces
DELETE FROM nonces WHERE (key_id, nonce) IN (
    SELECT key_id, nonce FROM nonces WHERE until < ? ORDER BY until LIMIT ?)

-- name: newest_nonce
-- Until when the nonce that a key used last is kept.
-- reads: nonces
SELECT max(until) FROM nonces WHERE key_id = ?
