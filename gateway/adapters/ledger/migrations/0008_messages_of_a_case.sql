-- The messages of a case are looked up when a person looks at it, ended ones too, and the parked
-- ones of a peer when they are sent again. What is ended no longer leaves an index either.
DROP INDEX outbox_of_case;
CREATE INDEX outbox_of_case ON outbox (case_key, kind, peer, id);
CREATE INDEX outbox_parked ON outbox (peer, id)
    WHERE ended_at IS NULL AND parked_at IS NOT NULL;
