DROP TABLE leases;
ALTER TABLE quarantine RENAME TO set_aside;
DROP INDEX quarantine_once;
DROP INDEX quarantine_open;
CREATE UNIQUE INDEX set_aside_once ON set_aside (source, digest, reason);
CREATE INDEX set_aside_open ON set_aside (id) WHERE closed_at IS NULL;
