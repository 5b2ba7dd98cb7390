DROP TRIGGER closed_cases_open_again;
DROP TRIGGER closed_cases_closed;
DROP TRIGGER closed_cases_begun;
