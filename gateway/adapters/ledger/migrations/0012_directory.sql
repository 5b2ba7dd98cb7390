-- 机构清单: versions of the agency directory. Rows are added and never changed or removed.
CREATE TABLE directory_versions (
    number BIGINT NOT NULL PRIMARY KEY,
    made_at BIGINT NOT NULL,
    valid_from :text: NOT NULL,  -- first day, ISO date of Beijing
    made_by :text: NOT NULL,
    agencies BIGINT NOT NULL,  -- how many
    body :blob: NOT NULL  -- sealed for this row: reason, responsible persons, digest of the content
);

CREATE TABLE directory_agencies (
    version BIGINT NOT NULL,
    position BIGINT NOT NULL,
    content :text: NOT NULL,  -- JSON; public, and under the digest of its version
    PRIMARY KEY (version, position)
) :keyed:;

-- How publishing a version ended. What is below the last one that ended is overtaken.
CREATE TABLE directory_publications (
    version BIGINT NOT NULL PRIMARY KEY,
    result :text: NOT NULL,
    at BIGINT NOT NULL,
    code :text: NOT NULL
);
