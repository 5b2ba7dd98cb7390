-- What an agency or an operator wrote with a step of a case, in words of their own: it may name
-- persons, so it stands apart from the history, sealed.
CREATE TABLE entry_texts (
    key :text: NOT NULL,
    seq BIGINT NOT NULL,  -- of the entry in case_history that it was given with
    body :blob: NOT NULL,  -- sealed
    PRIMARY KEY (key, seq)
) :keyed:;

-- Dispatches that are over though nobody decided on them (改派、退回), for the agencies that had them.
CREATE TABLE superseded_dispatches (
    agency :text: NOT NULL,
    number :text: NOT NULL,
    case_key :text: NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (agency, number)
) :keyed:;
CREATE INDEX superseded_dispatches_by_time ON superseded_dispatches (agency, at);
