-- What figures of a period are made of is found by its time, and nothing else is read. Both indexes
-- take an entry when a case comes and when a decision comes, and none is rewritten: a history is only
-- ever added to.
CREATE INDEX history_accepted ON case_history (at, key, seq) WHERE step = 'accept';
CREATE INDEX history_decided ON case_history (at, key, seq) WHERE step = 'decide';
CREATE INDEX quarantine_conflicts ON quarantine (at, id)
    WHERE reason IN ('outcome.conflict', 'registration.conflict', 'deregistration.conflict');

-- Who had personal data shown in full, when, why, and of how many persons (脱敏解除记录). The sealed
-- reason opens in its row only: one that was altered does not open, one that is gone leaves a gap.
CREATE TABLE disclosures (
    seq BIGINT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    actor :text: NOT NULL,
    act :text: NOT NULL,
    persons BIGINT NOT NULL,
    reason :blob: NOT NULL  -- sealed
) :keyed:;
CREATE INDEX disclosures_by_time ON disclosures (at, seq);
