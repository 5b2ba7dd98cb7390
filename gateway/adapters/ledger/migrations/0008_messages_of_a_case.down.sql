DROP INDEX outbox_parked;
DROP INDEX outbox_of_case;
CREATE INDEX outbox_of_case ON outbox (case_key, kind, peer, id) WHERE ended_at IS NULL;
