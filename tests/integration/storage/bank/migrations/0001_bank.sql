CREATE TABLE accounts (
    name :text: NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    balance BIGINT NOT NULL
) :keyed:;

CREATE TABLE orders (
    source :text: NOT NULL,
    number :text: NOT NULL,
    answer :text: NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (source, number)
) :keyed:;

CREATE TABLE entries (
    account :text: NOT NULL,
    seq BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    PRIMARY KEY (account, seq)
) :keyed:;

CREATE TABLE letters (
    id :serial:,
    peer :text: NOT NULL,
    body :blob: NOT NULL,
    sent BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE pulse (id BIGINT NOT NULL PRIMARY KEY, beats BIGINT NOT NULL, padding :blob:);

INSERT INTO pulse (id, beats) VALUES (1, 0);
