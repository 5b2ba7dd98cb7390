-- How often each data key may have sealed: ranges are reserved before they are used, so the number
-- is never too small. Rows sealed before it was counted are counted now, under the only epoch yet.
CREATE TABLE key_uses (
    epoch BIGINT NOT NULL PRIMARY KEY,
    reserved BIGINT NOT NULL
) :keyed:;
INSERT INTO key_uses (epoch, reserved)
SELECT 1, 2 * (SELECT COUNT(*) FROM contents) + (SELECT COUNT(*) FROM outbox)
    + (SELECT COUNT(*) FROM quarantine);
