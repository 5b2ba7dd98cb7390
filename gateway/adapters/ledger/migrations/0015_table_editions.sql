-- Editions of the code tables and of the divisions that were fetched (版本), each by the digest of its
-- rows; what was fetched last; and what operators decided, counted by kind: of two that decide at
-- once one gets the number.
CREATE TABLE table_editions (
    kind :text: NOT NULL,
    digest :text: NOT NULL,
    as_of :text:,
    fetched_at BIGINT NOT NULL,
    body :blob: NOT NULL,  -- JSON lines, deflated; no personal data
    PRIMARY KEY (kind, digest)
);
CREATE TABLE table_fetches (
    kind :text: NOT NULL PRIMARY KEY,
    digest :text: NOT NULL,
    since BIGINT NOT NULL,
    seen_at BIGINT NOT NULL
) :keyed:;
CREATE TABLE table_decisions (
    kind :text: NOT NULL,
    no BIGINT NOT NULL,
    step :text: NOT NULL,
    digest :text: NOT NULL,
    from_day :text:,
    at BIGINT NOT NULL,
    actor :text: NOT NULL,
    reason :blob: NOT NULL,  -- sealed for the other columns, which it so proves
    PRIMARY KEY (kind, no)
) :keyed:;
CREATE INDEX table_decisions_by_day ON table_decisions (kind, step, from_day, no);
CREATE INDEX table_decisions_by_edition ON table_decisions (kind, digest, no);
