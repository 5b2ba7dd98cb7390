-- name: reconciliation_of
-- How far a day is compared.
-- reads: reconciliations
SELECT day, phase, run, header, parts, mark, theirs, ours, reason, attempts, begun_at, changed_at,
    due_at FROM reconciliations WHERE day = ?

-- name: reconciliations_since
-- How far the days from one on are compared.
-- reads: reconciliations
SELECT day, phase, run, header, parts, mark, theirs, ours, reason, attempts, begun_at, changed_at,
    due_at FROM reconciliations WHERE day >= ? ORDER BY day

-- name: newest_reconciled
-- The latest day that is compared to its end, and since when.
-- reads: reconciliations
SELECT day, changed_at FROM reconciliations WHERE phase = 'done' ORDER BY day DESC LIMIT 1

-- name: save_reconciliation
-- Save how far a day is compared.
-- writes: reconciliations
INSERT INTO reconciliations (day, phase, run, header, parts, mark, theirs, ours, reason, attempts,
    begun_at, changed_at, due_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (day) DO UPDATE SET phase = excluded.phase, run = excluded.run,
    header = excluded.header, parts = excluded.parts, mark = excluded.mark,
    theirs = excluded.theirs, ours = excluded.ours, reason = excluded.reason,
    attempts = excluded.attempts, begun_at = excluded.begun_at,
    changed_at = excluded.changed_at, due_at = excluded.due_at

-- name: keep_statement_line
-- Keep a line of the statement in hand, in the place of what was kept of it.
-- writes: statement_lines
INSERT INTO statement_lines (day, line, entries) VALUES (?, ?, ?)
ON CONFLICT (day, line) DO UPDATE SET entries = excluded.entries

-- name: keep_statement_line_many [postgres]
-- The same for a page.
INSERT INTO statement_lines (day, line, entries)
SELECT * FROM unnest(?::text[], ?::text[], ?::bytea[])
ON CONFLICT (day, line) DO UPDATE SET entries = excluded.entries

-- name: statement_lines_among
-- Lines of the statement in hand that are kept already.
-- reads: statement_lines
SELECT line, entries FROM statement_lines
WHERE day = ? AND line IN (SELECT value FROM json_each(?))

-- name: statement_lines_among [postgres]
-- Lines of the statement in hand that are kept already.
SELECT line, entries FROM statement_lines WHERE day = ? AND line = ANY (?::text[])

-- name: statement_page
-- A page of the statement in hand, by line.
-- reads: statement_lines
SELECT line, entries FROM statement_lines WHERE day = ? AND line > ? ORDER BY line LIMIT ?

-- name: statement_lines_to_drop
-- Some lines of a statement that nobody needs any more.
-- reads: statement_lines
SELECT line FROM statement_lines WHERE day = ? ORDER BY line LIMIT ?

-- name: drop_statement_lines
-- Let go of lines of a statement.
-- writes: statement_lines
DELETE FROM statement_lines WHERE day = ? AND line IN (SELECT value FROM json_each(?))
RETURNING line

-- name: drop_statement_lines [postgres]
-- Let go of lines of a statement.
DELETE FROM statement_lines WHERE day = ? AND line = ANY (?::text[]) RETURNING line

-- name: received_of
-- What is remembered of applications and withdrawals, and when they were stored.
-- reads: inbox
SELECT source, key, kind, revision, digest, receipt, at FROM inbox
WHERE source = ? AND kind IN ('application', 'withdrawal')
AND key IN (SELECT value FROM json_each(?)) AND revision = 1

-- name: received_of [postgres]
-- What is remembered of applications and withdrawals, and when they were stored.
SELECT source, key, kind, revision, digest, receipt, at FROM inbox
WHERE source = ? AND kind IN ('application', 'withdrawal') AND key = ANY (?::text[])
AND revision = 1

-- name: uploads_of
-- Every record of some cases that went, or goes, to one peer.
-- reads: outbox
SELECT case_key, kind, number, revision, body, parked_at, ended_at FROM outbox
WHERE peer = ? AND case_key IN (SELECT value FROM json_each(?))

-- name: uploads_of [postgres]
-- Every record of some cases that went, or goes, to one peer.
SELECT case_key, kind, number, revision, body, parked_at, ended_at FROM outbox
WHERE peer = ? AND case_key = ANY (?::text[])

-- name: send_again
-- Let a message that its peer received, or refused, go again under its number.
-- writes: outbox
UPDATE outbox SET ended_at = NULL, ended_as = NULL, parked_at = NULL, error = NULL, due_at = ?,
    lease_until = 0, epoch = epoch + 1, attempts = 0
WHERE case_key = ? AND kind = ? AND peer = ? AND number = ?
AND (ended_as = 'settled' OR (ended_at IS NULL AND parked_at IS NOT NULL))
RETURNING id
