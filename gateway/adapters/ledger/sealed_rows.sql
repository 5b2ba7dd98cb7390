-- name: reserve_key_uses
-- Reserve uses of a data key, unless that would pass the bound; return how many are reserved.
-- writes: key_uses
INSERT INTO key_uses (epoch, reserved) VALUES (?, ?)
ON CONFLICT (epoch) DO UPDATE SET reserved = key_uses.reserved + excluded.reserved
WHERE key_uses.reserved + excluded.reserved <= ?
RETURNING reserved

-- name: cases_to_reseal
-- Some cases whose seal is under another key than today's; those without one show in an audit.
-- reads: cases
SELECT key, state, version, revision, place_basis, place_division, agency, dispatch_no, dispatches,
    policy, submitted_at, accepted_at, changed_at, due_on, due_rule, hold_reason, findings,
    trace_id, chain, seal
FROM cases WHERE key > ? AND substr(seal, 1, 2) <> ? ORDER BY key LIMIT ?

-- name: cases_to_reseal [postgres]
-- Some cases whose seal is under another key than today's, locked.
SELECT key, state, version, revision, place_basis, place_division, agency, dispatch_no, dispatches,
    policy, submitted_at, accepted_at, changed_at, due_on, due_rule, hold_reason, findings,
    trace_id, chain, seal
FROM cases WHERE key > ? AND substr(seal, 1, 2) <> ?::bytea ORDER BY key LIMIT ? FOR UPDATE

-- name: reseal_case
-- Replace the seal of a case.
-- writes: cases
UPDATE cases SET seal = ? WHERE key = ?

-- name: reseal_case_many [postgres]
-- The same for several rows.
UPDATE cases SET seal = fresh.seal FROM unnest(?::bytea[], ?::text[]) AS fresh (seal, key)
WHERE cases.key = fresh.key

-- name: contents_to_reseal
-- Some contents that are sealed under another key than today's.
-- reads: contents
SELECT id, key, subject, content FROM contents WHERE id > ? AND key_epoch <> ? ORDER BY id LIMIT ?

-- name: contents_to_reseal [postgres]
-- Some contents that are sealed under another key than today's, locked.
SELECT id, key, subject, content FROM contents WHERE id > ? AND key_epoch <> ? ORDER BY id LIMIT ?
FOR UPDATE

-- name: reseal_content
-- Replace a seal of what was received for a case.
-- writes: contents
UPDATE contents SET key_epoch = ?, subject = ?, content = ? WHERE id = ?

-- name: reseal_content_many [postgres]
-- The same for several rows.
UPDATE contents SET key_epoch = fresh.key_epoch, subject = fresh.subject, content = fresh.content
FROM unnest(?::bigint[], ?::bytea[], ?::bytea[], ?::bigint[])
    AS fresh (key_epoch, subject, content, id)
WHERE contents.id = fresh.id

-- name: bodies_to_reseal
-- Some messages that are sealed under another key than today's.
-- reads: outbox
SELECT id, kind, peer, number, body FROM outbox WHERE id > ? AND substr(body, 1, 2) <> ?
ORDER BY id LIMIT ?

-- name: bodies_to_reseal [postgres]
-- Some messages that are sealed under another key than today's, locked.
SELECT id, kind, peer, number, body FROM outbox WHERE id > ? AND substr(body, 1, 2) <> ?::bytea
ORDER BY id LIMIT ? FOR UPDATE

-- name: reseal_body
-- Replace the seal of a message.
-- writes: outbox
UPDATE outbox SET body = ? WHERE id = ?

-- name: reseal_body_many [postgres]
-- The same for several rows.
UPDATE outbox SET body = fresh.body FROM unnest(?::bytea[], ?::bigint[]) AS fresh (body, id)
WHERE outbox.id = fresh.id

-- name: quarantined_to_reseal
-- Some quarantined items that are sealed under another key than today's.
-- reads: quarantine
SELECT id, source, digest, reason, content FROM quarantine
WHERE id > ? AND substr(content, 1, 2) <> ? ORDER BY id LIMIT ?

-- name: quarantined_to_reseal [postgres]
-- Some quarantined items that are sealed under another key than today's, locked.
SELECT id, source, digest, reason, content FROM quarantine
WHERE id > ? AND substr(content, 1, 2) <> ?::bytea ORDER BY id LIMIT ? FOR UPDATE

-- name: reseal_quarantined
-- Replace the seal of a quarantined item.
-- writes: quarantine
UPDATE quarantine SET content = ? WHERE id = ?

-- name: reseal_quarantined_many [postgres]
-- The same for several rows.
UPDATE quarantine SET content = fresh.content
FROM unnest(?::bytea[], ?::bigint[]) AS fresh (content, id) WHERE quarantine.id = fresh.id

-- name: rows_by_epoch
-- How many rows are sealed under each key.
-- reads: cases, contents, outbox, quarantine
SELECT prefix, COUNT(*) FROM (
    SELECT substr(seal, 1, 2) AS prefix FROM cases WHERE seal IS NOT NULL
    UNION ALL SELECT substr(content, 1, 2) FROM contents
    UNION ALL SELECT substr(body, 1, 2) FROM outbox
    UNION ALL SELECT substr(content, 1, 2) FROM quarantine) AS sealed
GROUP BY prefix

-- name: key_uses
-- How many uses of each data key are reserved.
-- reads: key_uses
SELECT epoch, reserved FROM key_uses
