-- name: set_aside
-- Keep what cannot be taken over, once.
-- writes: set_aside
-- deferrable: yes
INSERT INTO set_aside (source, case_key, reason, detail, digest, content, at)
VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (source, digest, reason) DO NOTHING

-- name: set_aside_many [postgres]
-- The same for a page.
INSERT INTO set_aside (source, case_key, reason, detail, digest, content, at)
SELECT * FROM unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::bytea[],
    ?::bigint[]) ON CONFLICT (source, digest, reason) DO NOTHING
