DROP TRIGGER closed_cases_changed ON cases;
DROP TRIGGER closed_cases_begun ON cases;
DROP FUNCTION count_closed_cases();
DROP FUNCTION count_cases_begun_closed();
DROP FUNCTION add_to_closed_cases(text, bigint);
