ALTER TABLE cases DROP COLUMN seal;
ALTER TABLE heartbeat DROP COLUMN padding;
DROP INDEX quarantine_by_source;
