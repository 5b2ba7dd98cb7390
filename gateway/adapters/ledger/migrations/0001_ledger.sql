-- 台账: the ledger. Instants are whole microseconds since 1970-01-01T00:00:00Z; dates are ISO text
-- of Beijing. Sealed columns hold epoch, nonce and ciphertext (see gateway/adapters/keys.py).
-- Words of the dialects: :text: compares byte by byte, :blob: bytes, :serial: a number given out
-- by the database, :keyed: a table stored in the order of its primary key where there is such a
-- thing. There are no foreign keys: one class writes these tables, a case and what belongs to it
-- in one transaction, and a check per row would cost more than the row.

CREATE TABLE cases (
    key :text: NOT NULL PRIMARY KEY,
    state :text: NOT NULL,
    version BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    place_basis :text: NOT NULL,
    place_division :text: NOT NULL,
    agency :text:,
    dispatch_no :text:,
    dispatches BIGINT NOT NULL,
    policy :text: NOT NULL,
    submitted_at BIGINT NOT NULL,
    accepted_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    due_on :text: NOT NULL,  -- '~' while unknown: it sorts after every date
    due_rule :text: NOT NULL,
    hold_reason :text:,
    findings :text: NOT NULL,  -- JSON, a list of codes
    trace_id :text: NOT NULL,
    chain :text: NOT NULL
) :keyed:;

-- The work lists, each by (due_on, key): of one state, of an agency. No third one: every step of
-- every case rewrites each of them.
CREATE INDEX cases_by_state ON cases (state, due_on, key);
CREATE INDEX cases_by_agency ON cases (agency, state, due_on, key);

-- What was received, apart from the case: it is large, sealed, and hardly ever changes.
CREATE TABLE contents (
    id :serial:,
    key :text: NOT NULL,
    key_epoch BIGINT NOT NULL,
    person_index :blob:,  -- blind index of the certificate number; NULL when unreadable
    subject :blob:,  -- sealed certificate number
    content :blob: NOT NULL  -- sealed, as received
);
CREATE UNIQUE INDEX contents_by_key ON contents (key);
CREATE INDEX contents_by_person ON contents (person_index) WHERE person_index IS NOT NULL;

CREATE TABLE case_history (
    key :text: NOT NULL,
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    step :text: NOT NULL,
    state :text: NOT NULL,
    actor :text: NOT NULL,
    note :text:,
    chain :text: NOT NULL,
    PRIMARY KEY (key, seq)
) :keyed:;

CREATE TABLE inbox (
    source :text: NOT NULL,
    key :text: NOT NULL,
    kind :text: NOT NULL,
    revision BIGINT NOT NULL,
    digest :text: NOT NULL,
    receipt :blob: NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (source, key, kind, revision)
) :keyed:;

-- A message is open until it has ended (settled or cancelled) or is parked for a person.
CREATE TABLE outbox (
    id :serial:,
    kind :text: NOT NULL,
    peer :text: NOT NULL,
    case_key :text: NOT NULL,
    number :text: NOT NULL,
    revision BIGINT NOT NULL,
    body :blob: NOT NULL,  -- sealed
    owed_at BIGINT NOT NULL,  -- since when it is owed
    due_at BIGINT NOT NULL,  -- when it goes (again)
    lease_until BIGINT NOT NULL DEFAULT 0,
    epoch BIGINT NOT NULL DEFAULT 0,
    attempts BIGINT NOT NULL DEFAULT 0,
    error :text:,
    parked_at BIGINT,
    ended_at BIGINT,
    ended_as :text:
);
CREATE UNIQUE INDEX outbox_by_number ON outbox (kind, peer, number);
CREATE INDEX outbox_open ON outbox (peer, due_at, id)
    WHERE ended_at IS NULL AND parked_at IS NULL;
CREATE INDEX outbox_of_case ON outbox (case_key, kind, peer, id) WHERE ended_at IS NULL;

CREATE TABLE set_aside (
    id :serial:,
    source :text: NOT NULL,
    case_key :text:,
    reason :text: NOT NULL,
    detail :text: NOT NULL,
    digest :text: NOT NULL,
    content :blob: NOT NULL,  -- sealed, raw
    at BIGINT NOT NULL,
    closed_at BIGINT
);
CREATE UNIQUE INDEX set_aside_once ON set_aside (source, digest, reason);
CREATE INDEX set_aside_open ON set_aside (id) WHERE closed_at IS NULL;

CREATE TABLE nonces (
    key_id :text: NOT NULL,
    nonce :text: NOT NULL,
    until BIGINT NOT NULL,
    PRIMARY KEY (key_id, nonce)
) :keyed:;
CREATE INDEX nonces_by_age ON nonces (until);

-- One row that readiness writes, to know that writing works.
CREATE TABLE heartbeat (id BIGINT NOT NULL PRIMARY KEY, beats BIGINT NOT NULL);
INSERT INTO heartbeat (id, beats) VALUES (1, 0);
