-- Since when nothing needs the keys of an epoch any more: a start without them is right then, and
-- refused where a row needs them.
ALTER TABLE key_uses ADD COLUMN retired_at BIGINT;
