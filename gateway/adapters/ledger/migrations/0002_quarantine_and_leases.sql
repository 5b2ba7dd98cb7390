-- The field's word for what is kept apart until somebody has looked at it. Indexes are made anew,
-- since SQLite cannot rename one; the table is small.
ALTER TABLE set_aside RENAME TO quarantine;
DROP INDEX set_aside_once;
DROP INDEX set_aside_open;
CREATE UNIQUE INDEX quarantine_once ON quarantine (source, digest, reason);
CREATE INDEX quarantine_open ON quarantine (id) WHERE closed_at IS NULL;

-- Who does what only one process may do at a time, until when; `epoch` counts the holders.
CREATE TABLE leases (
    name :text: NOT NULL PRIMARY KEY,
    holder :text: NOT NULL,
    until BIGINT NOT NULL,
    epoch BIGINT NOT NULL
) :keyed:;
