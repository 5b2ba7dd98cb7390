ALTER TABLE key_uses DROP COLUMN retired_at;
