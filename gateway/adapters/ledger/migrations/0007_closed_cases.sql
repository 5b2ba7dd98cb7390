-- How many cases have come to their end, by state: counted as they do, by the database itself, since
-- a figure must not read every case there ever was, and a replica of the program before counts too.
-- Where several processes write, each adds to a slot of its own and none waits for another.
CREATE TABLE closed_cases (
    state :text: NOT NULL,
    slot BIGINT NOT NULL,
    number BIGINT NOT NULL,
    PRIMARY KEY (state, slot)
) :keyed:;
