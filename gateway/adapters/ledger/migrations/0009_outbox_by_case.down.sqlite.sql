CREATE UNIQUE INDEX outbox_by_number ON outbox (kind, peer, number);
CREATE INDEX outbox_of_case ON outbox (case_key, kind, peer, id);
DROP INDEX outbox_dispatched;
DROP INDEX outbox_once;
