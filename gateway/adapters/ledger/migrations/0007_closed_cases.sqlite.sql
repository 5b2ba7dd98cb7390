INSERT INTO closed_cases (state, slot, number)
SELECT ended.value, 0, (SELECT count(*) FROM cases WHERE cases.state = ended.value)
FROM json_each('["REPORTED", "RETURNED", "WITHDRAWN"]') AS ended;
CREATE TRIGGER closed_cases_open_again AFTER UPDATE OF state ON cases
    WHEN OLD.state <> NEW.state AND OLD.state IN ('REPORTED', 'RETURNED', 'WITHDRAWN')
BEGIN
    UPDATE closed_cases SET number = number - 1 WHERE state = OLD.state;
END;
CREATE TRIGGER closed_cases_closed AFTER UPDATE OF state ON cases
    WHEN OLD.state <> NEW.state AND NEW.state IN ('REPORTED', 'RETURNED', 'WITHDRAWN')
BEGIN
    UPDATE closed_cases SET number = number + 1 WHERE state = NEW.state;
END;
CREATE TRIGGER closed_cases_begun AFTER INSERT ON cases
    WHEN NEW.state IN ('REPORTED', 'RETURNED', 'WITHDRAWN')
BEGIN
    UPDATE closed_cases SET number = number + 1 WHERE state = NEW.state;
END;
