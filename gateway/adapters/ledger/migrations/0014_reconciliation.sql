-- 往来日账: what passed between the national side and us, each message under the Beijing day that it
-- counts for there. A line is kind, key and revision as a statement's digest is made of them.
CREATE TABLE day_book (
    line :text: NOT NULL PRIMARY KEY,
    day :text: NOT NULL,
    at BIGINT NOT NULL
) :keyed:;
CREATE INDEX day_book_by_day ON day_book (day, line);

-- 对账: how far the day of a statement is compared; one row a day.
CREATE TABLE reconciliations (
    day :text: NOT NULL PRIMARY KEY,
    phase :text: NOT NULL,
    run BIGINT NOT NULL,  -- how often the day was begun
    header :blob:,  -- sealed: what every part of the statement in hand must say
    parts BIGINT NOT NULL,  -- kept of it
    mark :text: NOT NULL,  -- the last line compared
    theirs BIGINT NOT NULL,
    ours BIGINT NOT NULL,
    reason :text:,
    attempts BIGINT NOT NULL,
    begun_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL
) :keyed:;

-- The statement in hand, until it is compared: a row for each line, its entries sealed.
CREATE TABLE statement_lines (
    day :text: NOT NULL,
    line :text: NOT NULL,
    entries :blob: NOT NULL,
    PRIMARY KEY (day, line)
) :keyed:;

-- 差异: found once for a day, a line and a kind; open until it is closed.
CREATE TABLE discrepancies (
    id :serial:,
    day :text: NOT NULL,
    line :text: NOT NULL,
    kind :text: NOT NULL,
    remedy :text: NOT NULL,
    state :text: NOT NULL,
    run BIGINT NOT NULL,  -- in which it was found last
    found_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    closed_at BIGINT,
    closed_as :text:,
    closed_by :text:
);
CREATE UNIQUE INDEX discrepancies_once ON discrepancies (day, line, kind);
CREATE INDEX discrepancies_open ON discrepancies (state, id) WHERE closed_at IS NULL;
CREATE INDEX discrepancies_of_line ON discrepancies (line) WHERE closed_at IS NULL;
