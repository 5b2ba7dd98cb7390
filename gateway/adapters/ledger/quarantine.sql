-- name: quarantine
-- Keep what cannot be accepted, once.
-- writes: quarantine
-- deferrable: yes
INSERT INTO quarantine (source, case_key, reason, detail, digest, content, at)
VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (source, digest, reason) DO NOTHING

-- name: quarantine_many [postgres]
-- The same for a page.
INSERT INTO quarantine (source, case_key, reason, detail, digest, content, at)
SELECT * FROM unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::bytea[],
    ?::bigint[]) ON CONFLICT (source, digest, reason) DO NOTHING

-- name: count_quarantined_of
-- How many open items of one source there are, at most so many.
-- reads: quarantine
SELECT count(*) FROM (SELECT 1 FROM quarantine
    WHERE source = ? AND closed_at IS NULL LIMIT ?) AS counted

-- name: quarantined_before
-- Which contents of one source are kept already, for which reason, since when.
-- reads: quarantine
SELECT digest, reason, at FROM quarantine
WHERE source = ? AND digest IN (SELECT value FROM json_each(?))

-- name: quarantined_before [postgres]
-- Which contents of one source are kept already, for which reason, since when.
SELECT digest, reason, at FROM quarantine WHERE source = ? AND digest = ANY (?::text[])
