-- What an agency or an operator wrote with a step of a case, in words of their own: it may name
-- persons, so it stands apart from the history, sealed.
CREATE TABLE entry_texts (
    key :text: NOT NULL,
    seq BIGINT NOT NULL,  -- of the entry in case_history that it was given with
    body :blob: NOT NULL,  -- sealed
    PRIMARY KEY (key, seq)
) :keyed:;
