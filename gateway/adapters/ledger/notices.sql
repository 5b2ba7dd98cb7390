-- name: record_notice
-- Enter a notice that is due, in the place of an earlier one.
-- writes: notices_due
INSERT INTO notices_due (case_key, agency, ground, due_on) VALUES (?, ?, ?, ?)
ON CONFLICT (case_key) DO UPDATE SET agency = excluded.agency, ground = excluded.ground,
    due_on = excluded.due_on

-- name: record_notice_many [postgres]
-- The same for a page.
INSERT INTO notices_due (case_key, agency, ground, due_on)
SELECT * FROM unnest(?::text[], ?::text[], ?::text[], ?::text[])
ON CONFLICT (case_key) DO UPDATE SET agency = excluded.agency, ground = excluded.ground,
    due_on = excluded.due_on

-- name: close_notices
-- Take out the notices of a page of cases.
-- writes: notices_due
DELETE FROM notices_due WHERE case_key IN (SELECT value FROM json_each(?)) RETURNING case_key

-- name: close_notices [postgres]
-- Take out the notices of a page of cases.
DELETE FROM notices_due WHERE case_key = ANY (?::text[]) RETURNING case_key

-- name: list_notices
-- A page of the notices that are due, by their last day, after a mark.
-- reads: notices_due
SELECT case_key, agency, ground, due_on FROM notices_due
WHERE (due_on, case_key) > (?, ?) AND due_on < ? ORDER BY due_on, case_key LIMIT ?

-- name: count_notices
-- Notices that are due whose last day is before this one.
-- reads: notices_due
SELECT count(*) FROM notices_due WHERE due_on < ?
