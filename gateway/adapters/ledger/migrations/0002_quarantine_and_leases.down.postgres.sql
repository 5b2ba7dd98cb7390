DROP TABLE leases;
DROP VIEW set_aside;
ALTER TABLE quarantine RENAME TO set_aside;
ALTER INDEX quarantine_once RENAME TO set_aside_once;
ALTER INDEX quarantine_open RENAME TO set_aside_open;
ALTER INDEX quarantine_pkey RENAME TO set_aside_pkey;
ALTER SEQUENCE quarantine_id_seq RENAME TO set_aside_id_seq;
