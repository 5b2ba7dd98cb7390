-- How many items of one source are open in quarantine is asked before one more is kept.
CREATE INDEX quarantine_by_source ON quarantine (source) WHERE closed_at IS NULL;

-- While a write failed for want of room, readiness asks for room again with a padding of this size.
ALTER TABLE heartbeat ADD COLUMN padding :blob:;
