-- name: add_superseded
-- Note a dispatch that is over; one noted before stays as it is.
-- writes: superseded_dispatches
-- deferrable: yes
INSERT INTO superseded_dispatches (agency, number, case_key, at) VALUES (?, ?, ?, ?)
ON CONFLICT DO NOTHING

-- name: add_superseded_many [postgres]
-- The same for several dispatches.
INSERT INTO superseded_dispatches (agency, number, case_key, at)
SELECT * FROM unnest(?::text[], ?::text[], ?::text[], ?::bigint[]) ON CONFLICT DO NOTHING

-- name: superseded_among
-- Which of these dispatches to an agency are over.
-- reads: superseded_dispatches
SELECT number, case_key FROM superseded_dispatches
WHERE agency = ? AND number IN (SELECT value FROM json_each(?))

-- name: superseded_among [postgres]
-- Which of these dispatches to an agency are over.
SELECT number, case_key FROM superseded_dispatches WHERE agency = ? AND number = ANY (?::text[])

-- name: superseded_since
-- The latest dispatches to an agency that were over at a time or later.
-- reads: superseded_dispatches
SELECT agency, number, case_key, at FROM superseded_dispatches
WHERE agency = ? AND at >= ? ORDER BY at DESC, number LIMIT ?
