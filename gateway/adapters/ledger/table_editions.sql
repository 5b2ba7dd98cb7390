-- name: table_fetch
-- What was fetched last of one kind.
-- reads: table_fetches
SELECT kind, digest, since, seen_at FROM table_fetches WHERE kind = ?

-- name: note_table_fetch
-- Note what was fetched last, in the place of what was before.
-- writes: table_fetches
INSERT INTO table_fetches (kind, digest, since, seen_at) VALUES (?, ?, ?, ?)
ON CONFLICT (kind) DO UPDATE SET digest = excluded.digest, since = excluded.since,
    seen_at = excluded.seen_at

-- name: add_table_edition
-- Store an edition; one that is there stays as it is.
-- writes: table_editions
INSERT INTO table_editions (kind, digest, as_of, fetched_at, body) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (kind, digest) DO NOTHING

-- name: table_editions_named
-- The editions whose digest lies within two bounds: those that a name cut short can mean.
-- reads: table_editions
SELECT kind, digest FROM table_editions WHERE kind = ? AND digest >= ? AND digest <= ?
ORDER BY digest LIMIT ?

-- name: table_edition
-- One edition with its rows.
-- reads: table_editions
SELECT kind, digest, as_of, body FROM table_editions WHERE kind = ? AND digest = ?

-- name: drop_table_edition
-- Delete an edition that nobody decided on.
-- reads: table_decisions
-- writes: table_editions
DELETE FROM table_editions WHERE kind = ? AND digest = ? AND NOT EXISTS (
    SELECT 1 FROM table_decisions WHERE table_decisions.kind = table_editions.kind
    AND table_decisions.digest = table_editions.digest)

-- name: add_table_decision
-- Append a decision; no row comes back where its number is taken.
-- writes: table_decisions
INSERT INTO table_decisions (kind, no, step, digest, from_day, at, actor, reason)
VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (kind, no) DO NOTHING RETURNING no

-- name: table_decisions
-- The latest decisions on editions of a kind, the last one first.
-- reads: table_decisions
SELECT kind, no, step, digest, from_day, at, actor, reason FROM table_decisions
WHERE kind = ? ORDER BY no DESC LIMIT ?

-- name: table_decisions_on
-- The latest decisions on one edition, the last one first.
-- reads: table_decisions
SELECT kind, no, step, digest, from_day, at, actor, reason FROM table_decisions
WHERE kind = ? AND digest = ? ORDER BY no DESC LIMIT ?

-- name: table_adoptions_before
-- The latest adoptions of a kind whose day has come, the one in force first.
-- reads: table_decisions
SELECT kind, no, step, digest, from_day, at, actor, reason FROM table_decisions
WHERE kind = ? AND step = 'adopted' AND from_day <= ? ORDER BY from_day DESC, no DESC LIMIT ?

-- name: table_adoptions_after
-- The adoptions of a kind whose day has not come, in the order of their days.
-- reads: table_decisions
SELECT kind, no, step, digest, from_day, at, actor, reason FROM table_decisions
WHERE kind = ? AND step = 'adopted' AND from_day > ? ORDER BY from_day, no LIMIT ?

-- name: last_table_adoption
-- The adoption of a kind that was decided last, whatever its day.
-- reads: table_decisions
SELECT kind, no, step, digest, from_day, at, actor, reason FROM table_decisions
WHERE kind = ? AND step = 'adopted' ORDER BY no DESC LIMIT ?

-- name: count_open_places
-- Where the first open cases in one state are registered, how many at each place, by why held.
-- reads: cases
SELECT place_division, hold_reason, count(*) FROM (
    SELECT place_division, hold_reason FROM cases WHERE state = ?
    ORDER BY due_on, key LIMIT ?) AS first_ones
GROUP BY place_division, hold_reason ORDER BY place_division, hold_reason
