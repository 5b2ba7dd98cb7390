-- History is only ever added to.
CREATE FUNCTION refuse_to_change_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'case_history is append-only';
END;
$$;
CREATE TRIGGER case_history_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON case_history
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_history();
-- The open part of the outbox is small and changes all the time: vacuum it early.
ALTER TABLE outbox SET (autovacuum_vacuum_scale_factor = 0.02, fillfactor = 80);
ALTER TABLE cases SET (fillfactor = 80);
