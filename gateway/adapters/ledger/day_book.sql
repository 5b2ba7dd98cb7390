-- name: enter_day_book
-- Enter what passed under its day; what was entered before stays where it is.
-- writes: day_book
-- deferrable: yes
INSERT INTO day_book (line, day, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING

-- name: enter_day_book_many [postgres]
-- The same for a page.
INSERT INTO day_book (line, day, at)
SELECT * FROM unnest(?::text[], ?::text[], ?::bigint[]) ON CONFLICT DO NOTHING

-- name: move_in_day_book
-- Enter what passed under the day that the national side states, wherever it was before.
-- writes: day_book
INSERT INTO day_book (line, day, at) VALUES (?, ?, ?)
ON CONFLICT (line) DO UPDATE SET day = excluded.day, at = excluded.at

-- name: move_in_day_book_many [postgres]
-- The same for a page.
INSERT INTO day_book (line, day, at)
SELECT * FROM unnest(?::text[], ?::text[], ?::bigint[])
ON CONFLICT (line) DO UPDATE SET day = excluded.day, at = excluded.at

-- name: strike_from_day_book
-- Take out what is sent again: it counts for the day on which it is received then.
-- writes: day_book
DELETE FROM day_book WHERE line IN (SELECT value FROM json_each(?)) RETURNING line

-- name: strike_from_day_book [postgres]
-- Take out what is sent again: it counts for the day on which it is received then.
DELETE FROM day_book WHERE line = ANY (?::text[]) RETURNING line

-- name: day_book_page
-- A page of what passed on a day, by line.
-- reads: day_book
SELECT line, at FROM day_book WHERE day = ? AND line > ? ORDER BY line LIMIT ?

-- name: first_in_day_book
-- The first day on which anything passed.
-- reads: day_book
SELECT min(day) FROM day_book
