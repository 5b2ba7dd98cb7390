-- name: newest_disclosure
-- The number of the newest entry.
-- reads: disclosures
SELECT seq FROM disclosures ORDER BY seq DESC LIMIT 1

-- name: add_disclosure
-- Append who had personal data shown in full; no row is added where another was faster.
-- writes: disclosures
INSERT INTO disclosures (seq, at, actor, act, persons, reason) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (seq) DO NOTHING

-- name: disclosures_after
-- A page of the entries, by their numbers.
-- reads: disclosures
SELECT seq, at, actor, act, persons, reason FROM disclosures WHERE seq > ? ORDER BY seq LIMIT ?

-- name: disclosures_between
-- A page of the entries of a period, by time.
-- reads: disclosures
SELECT seq, at, actor, act, persons, reason FROM disclosures
WHERE (at, seq) > (?, ?) AND at < ? ORDER BY at, seq LIMIT ?
