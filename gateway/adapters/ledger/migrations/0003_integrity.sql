-- How many items of one source are open in quarantine is asked before one more is kept.
CREATE INDEX quarantine_by_source ON quarantine (source) WHERE closed_at IS NULL;
