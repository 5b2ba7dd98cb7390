ALTER INDEX set_aside_pkey RENAME TO quarantine_pkey;
ALTER SEQUENCE set_aside_id_seq RENAME TO quarantine_id_seq;
-- Replicas are replaced one after another: those of the program before write here until they stop.
CREATE VIEW set_aside AS SELECT * FROM quarantine;
