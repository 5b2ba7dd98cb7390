-- History is only ever added to.
CREATE TRIGGER case_history_keeps_its_rows BEFORE DELETE ON case_history
BEGIN
    SELECT RAISE(ABORT, 'case_history is append-only');
END;
CREATE TRIGGER case_history_keeps_its_values BEFORE UPDATE ON case_history
BEGIN
    SELECT RAISE(ABORT, 'case_history is append-only');
END;
