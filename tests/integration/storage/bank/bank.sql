-- name: account
-- One account, locked against other writers.
-- reads: accounts
-- cache: find
SELECT name, version, balance FROM accounts WHERE name = ?

-- name: account [postgres]
-- One account, locked against other writers.
SELECT name, version, balance FROM accounts WHERE name = ? FOR UPDATE

-- name: accounts
-- Some accounts, locked against other writers.
-- reads: accounts
-- cache: load
SELECT name, version, balance FROM accounts WHERE name IN (SELECT value FROM json_each(?))

-- name: accounts [postgres]
-- Some accounts, locked in the order of their names.
SELECT name, version, balance FROM accounts WHERE name = ANY (?::text[]) ORDER BY name FOR UPDATE

-- name: open_account
-- Open an account; no row is added when there is one of this name.
-- writes: accounts
-- cache: add
INSERT INTO accounts (name, version, balance) VALUES (?, ?, ?) ON CONFLICT DO NOTHING

-- name: open_account_many [postgres]
-- The same for several.
INSERT INTO accounts (name, version, balance)
SELECT * FROM unnest(?::text[], ?::bigint[], ?::bigint[]) ON CONFLICT DO NOTHING

-- name: save_account
-- Save an account over the version it was read at.
-- writes: accounts
-- cache: replace
UPDATE accounts SET version = ?, balance = ? WHERE name = ? AND version = ?

-- name: save_account_many [postgres]
-- The same for several.
UPDATE accounts SET version = saved.version, balance = saved.balance
FROM unnest(?::bigint[], ?::bigint[], ?::text[], ?::bigint[])
    AS saved (version, balance, name, expected)
WHERE accounts.name = saved.name AND accounts.version = saved.expected

-- name: note_entry
-- Note what was put into an account.
-- writes: entries
-- deferrable: yes
INSERT INTO entries (account, seq, amount) VALUES (?, ?, ?)

-- name: note_entry_many [postgres]
-- The same for several.
INSERT INTO entries (account, seq, amount)
SELECT * FROM unnest(?::text[], ?::bigint[], ?::bigint[])

-- name: order
-- One order with its answer.
-- reads: orders
-- cache: find
SELECT source, number, answer FROM orders WHERE source = ? AND number = ?

-- name: orders
-- Some orders with their answers.
-- reads: orders
-- cache: load
SELECT orders.source, orders.number, orders.answer FROM json_each(?) AS asked CROSS JOIN orders
ON orders.source = asked.value ->> 0 AND orders.number = asked.value ->> 1

-- name: orders [postgres]
-- Some orders with their answers.
SELECT orders.source, orders.number, orders.answer
FROM unnest(?::text[], ?::text[]) AS asked (source, number) JOIN orders USING (source, number)

-- name: note_order
-- Remember an order; no row is added when it was given before.
-- writes: orders
-- cache: add
INSERT INTO orders (source, number, answer, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING

-- name: note_order_many [postgres]
-- The same for several.
INSERT INTO orders (source, number, answer, at)
SELECT * FROM unnest(?::text[], ?::text[], ?::text[], ?::bigint[]) ON CONFLICT DO NOTHING

-- name: write_letter
-- Write a letter.
-- writes: letters
-- deferrable: yes
INSERT INTO letters (peer, body) VALUES (?, ?)

-- name: write_letter_many [postgres]
-- The same for several.
INSERT INTO letters (peer, body) SELECT * FROM unnest(?::text[], ?::bytea[])

-- name: send_letters
-- Send what is written to a peer.
-- writes: letters
UPDATE letters SET sent = 1 WHERE peer = ? AND sent = 0 RETURNING id

-- name: balance
-- What is in an account.
-- reads: accounts
SELECT balance FROM accounts WHERE name = ?

-- name: entries_of
-- What was put into an account.
-- reads: entries
SELECT amount FROM entries WHERE account = ? ORDER BY seq

-- name: probe_write
-- A real write that changes nothing of meaning.
-- writes: pulse
UPDATE pulse SET beats = beats + 1, padding = ? WHERE id = 1
