-- Whom an agency still has to tell that the registration ended (待告知): one row a registration, gone
-- once the notice is given. No day is known beyond the announced working calendar.
CREATE TABLE notices_due (
    case_key :text: NOT NULL PRIMARY KEY,
    agency :text: NOT NULL,
    ground :text: NOT NULL,
    due_on :text: NOT NULL
) :keyed:;
CREATE INDEX notices_by_day ON notices_due (due_on, case_key);
