-- name: reserve_key_uses
-- Reserve uses of a data key, unless that would pass the bound; return how many are reserved.
-- writes: key_uses
INSERT INTO key_uses (epoch, reserved) VALUES (?, ?)
ON CONFLICT (epoch) DO UPDATE SET reserved = key_uses.reserved + excluded.reserved
WHERE key_uses.reserved + excluded.reserved <= ?
RETURNING reserved

-- name: retire_key
-- Note since when nothing needs the keys of an epoch any more.
-- writes: key_uses
UPDATE key_uses SET retired_at = ? WHERE epoch = ?

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
-- Replace index and seals of what was received for a case.
-- writes: contents
UPDATE contents SET key_epoch = ?, person_index = ?, subject = ?, content = ? WHERE id = ?

-- name: reseal_content_many [postgres]
-- The same for several rows.
UPDATE contents SET key_epoch = fresh.key_epoch, person_index = fresh.person_index,
    subject = fresh.subject, content = fresh.content
FROM unnest(?::bigint[], ?::bytea[], ?::bytea[], ?::bytea[], ?::bigint[])
    AS fresh (key_epoch, person_index, subject, content, id)
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
-- Some quarantined items that are sealed or keyed under another key than today's, or not keyed.
-- reads: quarantine
SELECT id, source, digest, reason, content FROM quarantine
WHERE id > ? AND (substr(content, 1, 2) <> ? OR (source <> 'ledger' AND digest NOT LIKE ?))
ORDER BY id LIMIT ?

-- name: quarantined_to_reseal [postgres]
-- The same, locked.
SELECT id, source, digest, reason, content FROM quarantine
WHERE id > ? AND (substr(content, 1, 2) <> ?::bytea
    OR (source <> 'ledger' AND digest NOT LIKE ?))
ORDER BY id LIMIT ? FOR UPDATE

-- name: reseal_quarantined
-- Replace digest and seal of a quarantined item.
-- writes: quarantine
UPDATE quarantine SET digest = ?, content = ? WHERE id = ?

-- name: drop_kept_twice
-- Delete any other item with this source, digest and reason.
-- writes: quarantine
DELETE FROM quarantine WHERE source = ? AND digest = ? AND reason = ? AND id <> ?

-- name: entries_to_reseal
-- Some inbox entries that are in clear, or sealed under another key than today's.
-- reads: inbox
SELECT source, key, kind, revision, digest, receipt FROM inbox
WHERE (source, key, kind, revision) > (?, ?, ?, ?)
AND (digest <> '' OR substr(receipt, 1, 2) <> ?)
ORDER BY source, key, kind, revision LIMIT ?

-- name: entries_to_reseal [postgres]
-- The same, locked.
SELECT source, key, kind, revision, digest, receipt FROM inbox
WHERE (source, key, kind, revision) > (?, ?, ?, ?)
AND (digest <> '' OR substr(receipt, 1, 2) <> ?::bytea)
ORDER BY source, key, kind, revision LIMIT ? FOR UPDATE

-- name: reseal_entry
-- Replace what is remembered of a message.
-- writes: inbox
UPDATE inbox SET digest = ?, receipt = ?
WHERE source = ? AND key = ? AND kind = ? AND revision = ?

-- name: reseal_entry_many [postgres]
-- The same for several rows.
UPDATE inbox SET digest = fresh.digest, receipt = fresh.receipt
FROM unnest(?::text[], ?::bytea[], ?::text[], ?::text[], ?::text[], ?::bigint[])
    AS fresh (digest, receipt, source, key, kind, revision)
WHERE (inbox.source, inbox.key, inbox.kind, inbox.revision)
    = (fresh.source, fresh.key, fresh.kind, fresh.revision)

-- name: ledger_entries_to_reseal
-- Some entries of the ledger's history that are sealed under another key than today's.
-- reads: ledger_history
SELECT id, at, step, actor, seal FROM ledger_history WHERE id > ? AND substr(seal, 1, 2) <> ?
ORDER BY id LIMIT ?

-- name: ledger_entries_to_reseal [postgres]
-- The same, locked.
SELECT id, at, step, actor, seal FROM ledger_history WHERE id > ? AND substr(seal, 1, 2) <> ?::bytea
ORDER BY id LIMIT ? FOR UPDATE

-- name: reseal_ledger_entry
-- Replace the seal of an entry of the ledger's history.
-- writes: ledger_history
UPDATE ledger_history SET seal = ? WHERE id = ?

-- name: reseal_ledger_entry_many [postgres]
-- The same for several rows.
UPDATE ledger_history SET seal = fresh.seal FROM unnest(?::bytea[], ?::bigint[]) AS fresh (seal, id)
WHERE ledger_history.id = fresh.id

-- name: entry_texts_to_reseal
-- Some texts of entries that are sealed under another key than today's.
-- reads: entry_texts
SELECT key, seq, body FROM entry_texts
WHERE (key, seq) > (?, ?) AND substr(body, 1, 2) <> ? ORDER BY key, seq LIMIT ?

-- name: entry_texts_to_reseal [postgres]
-- The same, locked.
SELECT key, seq, body FROM entry_texts
WHERE (key, seq) > (?, ?) AND substr(body, 1, 2) <> ?::bytea ORDER BY key, seq LIMIT ? FOR UPDATE

-- name: reseal_entry_text
-- Replace the seal of the text of an entry.
-- writes: entry_texts
UPDATE entry_texts SET body = ? WHERE key = ? AND seq = ?

-- name: reseal_entry_text_many [postgres]
-- The same for several rows.
UPDATE entry_texts SET body = fresh.body
FROM unnest(?::bytea[], ?::text[], ?::bigint[]) AS fresh (body, key, seq)
WHERE entry_texts.key = fresh.key AND entry_texts.seq = fresh.seq

-- name: directory_versions_to_reseal
-- Some versions of the agency directory that are sealed under another key than today's.
-- reads: directory_versions
SELECT number, made_at, valid_from, made_by, agencies, body FROM directory_versions
WHERE number > ? AND substr(body, 1, 2) <> ? ORDER BY number LIMIT ?

-- name: directory_versions_to_reseal [postgres]
-- The same, locked.
SELECT number, made_at, valid_from, made_by, agencies, body FROM directory_versions
WHERE number > ? AND substr(body, 1, 2) <> ?::bytea ORDER BY number LIMIT ? FOR UPDATE

-- name: reseal_directory_version
-- Replace the seal of a version of the agency directory.
-- writes: directory_versions
UPDATE directory_versions SET body = ? WHERE number = ?

-- name: reseal_directory_version_many [postgres]
-- The same for several rows.
UPDATE directory_versions SET body = fresh.body
FROM unnest(?::bytea[], ?::bigint[]) AS fresh (body, number)
WHERE directory_versions.number = fresh.number

-- name: disclosures_to_reseal
-- Some disclosures that are sealed under another key than today's.
-- reads: disclosures
SELECT seq, at, actor, act, persons, reason FROM disclosures
WHERE seq > ? AND substr(reason, 1, 2) <> ? ORDER BY seq LIMIT ?

-- name: disclosures_to_reseal [postgres]
-- The same, locked.
SELECT seq, at, actor, act, persons, reason FROM disclosures
WHERE seq > ? AND substr(reason, 1, 2) <> ?::bytea ORDER BY seq LIMIT ? FOR UPDATE

-- name: reseal_disclosure
-- Replace the seal of a disclosure.
-- writes: disclosures
UPDATE disclosures SET reason = ? WHERE seq = ?

-- name: reseal_disclosure_many [postgres]
-- The same for several rows.
UPDATE disclosures SET reason = fresh.reason
FROM unnest(?::bytea[], ?::bigint[]) AS fresh (reason, seq) WHERE disclosures.seq = fresh.seq

-- name: table_decisions_to_reseal
-- Some decisions on tables that are sealed under another key than today's.
-- reads: table_decisions
SELECT kind, no, step, digest, from_day, at, actor, reason FROM table_decisions
WHERE (kind, no) > (?, ?) AND substr(reason, 1, 2) <> ? ORDER BY kind, no LIMIT ?

-- name: table_decisions_to_reseal [postgres]
-- The same, locked.
SELECT kind, no, step, digest, from_day, at, actor, reason FROM table_decisions
WHERE (kind, no) > (?, ?) AND substr(reason, 1, 2) <> ?::bytea ORDER BY kind, no LIMIT ? FOR UPDATE

-- name: reseal_table_decision
-- Replace the seal of a decision on tables.
-- writes: table_decisions
UPDATE table_decisions SET reason = ? WHERE kind = ? AND no = ?

-- name: rows_by_epoch
-- How many rows are sealed under each key, and how many entries are in clear: no prefix.
-- reads: cases, contents, outbox, quarantine, inbox, ledger_history, entry_texts, directory_versions, disclosures, table_decisions
SELECT prefix, COUNT(*) FROM (
    SELECT substr(seal, 1, 2) AS prefix FROM cases WHERE seal IS NOT NULL
    UNION ALL SELECT substr(content, 1, 2) FROM contents
    UNION ALL SELECT substr(body, 1, 2) FROM outbox
    UNION ALL SELECT substr(content, 1, 2) FROM quarantine
    UNION ALL SELECT substr(seal, 1, 2) FROM ledger_history
    UNION ALL SELECT substr(body, 1, 2) FROM entry_texts
    UNION ALL SELECT substr(body, 1, 2) FROM directory_versions
    UNION ALL SELECT substr(reason, 1, 2) FROM disclosures
    UNION ALL SELECT substr(reason, 1, 2) FROM table_decisions
    UNION ALL SELECT CASE WHEN digest = '' THEN substr(receipt, 1, 2) END FROM inbox) AS sealed
GROUP BY prefix

-- name: epochs_in_use
-- The epochs whose keys were used and not retired.
-- reads: key_uses
SELECT epoch FROM key_uses WHERE retired_at IS NULL

-- name: newest_epoch
-- Under which keys the newest content is sealed.
-- reads: contents
SELECT key_epoch FROM contents ORDER BY id DESC LIMIT 1

-- name: key_uses
-- How many uses of each data key are reserved.
-- reads: key_uses
SELECT epoch, reserved FROM key_uses
