-- name: quarantine
-- Keep what cannot be taken over, once.
-- writes: quarantine
-- deferrable: yes
INSERT INTO quarantine (source, case_key, reason, detail, digest, content, at)
VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (source, digest, reason) DO NOTHING

-- name: quarantine_many [postgres]
-- The same for a page.
INSERT INTO quarantine (source, case_key, reason, detail, digest, content, at)
SELECT * FROM unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::bytea[],
    ?::bigint[]) ON CONFLICT (source, digest, reason) DO NOTHING
