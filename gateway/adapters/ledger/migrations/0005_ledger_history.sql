-- What happened to the ledger as a whole: cases of before the seals sealed, a backup accepted. Each
-- row bears a seal that only the keys of the ledger make.
CREATE TABLE ledger_history (
    id :serial:,
    at BIGINT NOT NULL,
    step :text: NOT NULL,
    actor :text: NOT NULL,
    seal :blob: NOT NULL
);
