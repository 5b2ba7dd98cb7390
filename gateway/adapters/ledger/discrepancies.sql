-- name: discrepancies_among
-- What was found before under some lines of a day.
-- reads: discrepancies
SELECT id, day, line, kind, remedy, state, run, found_at, changed_at, closed_at, closed_as,
    closed_by FROM discrepancies WHERE day = ? AND line IN (SELECT value FROM json_each(?))

-- name: discrepancies_among [postgres]
-- What was found before under some lines of a day.
SELECT id, day, line, kind, remedy, state, run, found_at, changed_at, closed_at, closed_as,
    closed_by FROM discrepancies WHERE day = ? AND line = ANY (?::text[])

-- name: add_discrepancy
-- Enter what was found.
-- writes: discrepancies
INSERT INTO discrepancies (day, line, kind, remedy, state, run, found_at, changed_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING

-- name: add_discrepancy_many [postgres]
-- The same for a page.
INSERT INTO discrepancies (day, line, kind, remedy, state, run, found_at, changed_at)
SELECT * FROM unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::bigint[],
    ?::bigint[], ?::bigint[]) ON CONFLICT DO NOTHING

-- name: change_discrepancy
-- Note what becomes of a difference.
-- writes: discrepancies
UPDATE discrepancies SET remedy = ?, state = ?, run = ?, changed_at = ?, closed_at = ?,
    closed_as = ?, closed_by = ? WHERE id = ?

-- name: close_stated
-- Close what was missing at the national side and is stated now.
-- writes: discrepancies
UPDATE discrepancies SET closed_at = ?, closed_as = ?, changed_at = ?
WHERE closed_at IS NULL AND line IN (SELECT value FROM json_each(?))
AND kind IN ('not-held-there', 'revision-behind', 'not-forwarded-there') RETURNING id

-- name: close_stated [postgres]
-- Close what was missing at the national side and is stated now.
UPDATE discrepancies SET closed_at = ?, closed_as = ?, changed_at = ?
WHERE closed_at IS NULL AND line = ANY (?::text[])
AND kind IN ('not-held-there', 'revision-behind', 'not-forwarded-there') RETURNING id

-- name: close_gone
-- Close what an earlier run of a day found and this one does not, unless it is being mended.
-- writes: discrepancies
UPDATE discrepancies SET closed_at = ?, closed_as = ?, changed_at = ?
WHERE day = ? AND run < ? AND closed_at IS NULL AND state <> 'under-way' RETURNING id

-- name: discrepancies_in_state
-- A page of the open differences in one state, in the order in which they were found.
-- reads: discrepancies
SELECT id, day, line, kind, remedy, state, run, found_at, changed_at, closed_at, closed_as,
    closed_by FROM discrepancies WHERE closed_at IS NULL AND state = ? AND id > ?
ORDER BY id LIMIT ?

-- name: discrepancy_for_update
-- One difference by its number.
-- reads: discrepancies
SELECT id, day, line, kind, remedy, state, run, found_at, changed_at, closed_at, closed_as,
    closed_by FROM discrepancies WHERE id = ?

-- name: discrepancies_of_day
-- What was found in the last run of a day.
-- reads: discrepancies
SELECT id, day, line, kind, remedy, state, run, found_at, changed_at, closed_at, closed_as,
    closed_by FROM discrepancies WHERE day = ? AND run >= ? ORDER BY line, kind LIMIT ?

-- name: count_discrepancies
-- Open differences by kind and state.
-- reads: discrepancies
SELECT kind, state, count(*) FROM discrepancies WHERE closed_at IS NULL GROUP BY kind, state
