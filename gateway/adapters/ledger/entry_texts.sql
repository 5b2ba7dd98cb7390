-- name: add_entry_text
-- Keep what was written with an entry of a history.
-- writes: entry_texts
-- deferrable: yes
INSERT INTO entry_texts (key, seq, body) VALUES (?, ?, ?)

-- name: add_entry_text_many [postgres]
-- The same for several entries.
INSERT INTO entry_texts (key, seq, body)
SELECT * FROM unnest(?::text[], ?::bigint[], ?::bytea[])

-- name: texts_of
-- What was written with the entries of a case's history, sealed.
-- reads: entry_texts
SELECT key, seq, body FROM entry_texts WHERE key = ? ORDER BY seq
