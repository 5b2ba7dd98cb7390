CREATE UNIQUE INDEX outbox_once ON outbox (case_key, kind, peer, number);
CREATE INDEX outbox_dispatched ON outbox (peer, number)
    WHERE kind = 'dispatch' AND ended_at IS NULL;
DROP INDEX outbox_by_number;
DROP INDEX outbox_of_case;
