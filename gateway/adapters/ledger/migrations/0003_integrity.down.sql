ALTER TABLE heartbeat DROP COLUMN padding;
DROP INDEX quarantine_by_source;
