-- name: stored_dispatches
-- What stands under these numbers: payloads as the database gives them back.
SELECT dispatch_no, payload FROM {dispatch} WHERE dispatch_no IN ({marks})

-- name: add_dispatch
-- Write a dispatch, whole and READY.
INSERT INTO {dispatch}
(dispatch_no, application_no, due_on, dispatched_at, payload, digest, status, changed_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)

-- name: replace_test
-- Write the test dispatch anew, over the one of the last check.
UPDATE {dispatch} SET dispatched_at = ?, payload = ?, digest = ?, changed_at = ?
WHERE dispatch_no = ? AND status = ?

-- name: open_dispatches
-- Dispatches that are not over, by number after one.
SELECT dispatch_no, application_no FROM {dispatch}
WHERE status IN ('READY', 'TAKEN') AND dispatch_no > ? ORDER BY dispatch_no LIMIT ?

-- name: end_dispatch
-- Mark a dispatch that is over.
UPDATE {dispatch} SET status = ?, changed_at = ?
WHERE dispatch_no = ? AND status IN ('READY', 'TAKEN')

-- name: ready_results [sqlite]
-- Results that wait, by id after one; of a payload that is too large no more than shows it.
SELECT result_id, kind, application_no, dispatch_no, division, local_serial, revision,
substr(CAST(payload AS BLOB), 1, ?) FROM {result}
WHERE status = 'READY' AND result_id > ? ORDER BY result_id LIMIT ?

-- name: ready_results [postgres]
-- Results that wait, by id after one; of a payload that is too large no more than shows it.
SELECT result_id, kind, application_no, dispatch_no, division, local_serial, revision,
left(payload, ?) FROM {result}
WHERE status = 'READY' AND result_id > ? ORDER BY result_id LIMIT ?

-- name: ready_results [mariadb]
-- Results that wait, by id after one; of a payload that is too large no more than shows it.
SELECT result_id, kind, application_no, dispatch_no, division, local_serial, revision,
LEFT(payload, ?) FROM {result}
WHERE status = 'READY' AND result_id > ? ORDER BY result_id LIMIT ?

-- name: store_result
-- Mark a row that was stored, with the receipt for it and the digest of what was read.
UPDATE {result} SET status = 'TAKEN', taken_at = ?, taken_digest = ?, receipt = ?
WHERE result_id = ? AND status = 'READY'

-- name: refuse_result
-- Mark a row that was not taken; why is among the errors.
UPDATE {result} SET status = 'REFUSED', taken_digest = ?
WHERE result_id = ? AND status = 'READY'

-- name: stored_results [sqlite]
-- Rows stored since an instant, by instant and id after a pair of them.
SELECT result_id, kind, taken_at, taken_digest, substr(CAST(payload AS BLOB), 1, ?) FROM {result}
WHERE status = 'TAKEN' AND taken_at >= ?
AND (taken_at > ? OR (taken_at = ? AND result_id > ?)) ORDER BY taken_at, result_id LIMIT ?

-- name: stored_results [postgres]
-- Rows stored since an instant, by instant and id after a pair of them.
SELECT result_id, kind, taken_at, taken_digest, left(payload, ?) FROM {result}
WHERE status = 'TAKEN' AND taken_at >= ?
AND (taken_at > ? OR (taken_at = ? AND result_id > ?)) ORDER BY taken_at, result_id LIMIT ?

-- name: stored_results [mariadb]
-- Rows stored since an instant, by instant and id after a pair of them.
SELECT result_id, kind, taken_at, taken_digest, LEFT(payload, ?) FROM {result}
WHERE status = 'TAKEN' AND taken_at >= ?
AND (taken_at > ? OR (taken_at = ? AND result_id > ?)) ORDER BY taken_at, result_id LIMIT ?

-- name: change_result
-- Mark a stored row that holds something else now.
UPDATE {result} SET status = 'CHANGED' WHERE result_id = ? AND status = 'TAKEN'

-- name: known_error
-- Whether an error was written before.
SELECT error_id FROM {error} WHERE error_id = ?

-- name: add_error
-- Write why a row was not taken.
INSERT INTO {error}
(error_id, result_id, kind, code, title, detail, errors, payload_digest, noticed_at, status)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'NEW')

-- name: round_trip
-- Characters as they come back over the connection.
SELECT ?

-- name: round_trip [postgres]
-- Characters as they come back over the connection.
SELECT ?::text

-- name: look_dispatches
-- Whether the dispatches are there with their columns.
SELECT dispatch_no, application_no, due_on, dispatched_at, payload, digest, status, changed_at
FROM {dispatch} WHERE 1 = 0

-- name: look_results
-- Whether the results are there with their columns.
SELECT result_id, kind, application_no, dispatch_no, division, local_serial, revision, payload,
status, taken_at, taken_digest, receipt FROM {result} WHERE 1 = 0

-- name: look_errors
-- Whether the errors are there with their columns.
SELECT error_id, result_id, kind, code, title, detail, errors, payload_digest, noticed_at, status
FROM {error} WHERE 1 = 0

-- name: may_add_dispatch
-- Whether dispatches may be written; none is.
INSERT INTO {dispatch}
(dispatch_no, application_no, due_on, dispatched_at, payload, digest, status, changed_at)
SELECT dispatch_no, application_no, due_on, dispatched_at, payload, digest, status, changed_at
FROM {dispatch} WHERE 1 = 0

-- name: may_end_dispatch
-- Whether dispatches may be marked; none is.
UPDATE {dispatch} SET status = 'CLOSED', changed_at = '' WHERE 1 = 0

-- name: may_store_result
-- Whether results may be marked; none is.
UPDATE {result} SET status = 'TAKEN', taken_at = '', taken_digest = '', receipt = '' WHERE 1 = 0

-- name: may_add_error
-- Whether errors may be written; none is.
INSERT INTO {error}
(error_id, result_id, kind, code, title, detail, errors, payload_digest, noticed_at, status)
SELECT error_id, result_id, kind, code, title, detail, errors, payload_digest, noticed_at, status
FROM {error} WHERE 1 = 0

-- name: next_status
-- The next status that rows of the results have, in their order: a look-up in the index each.
SELECT MIN(status) FROM {result} WHERE status > ?

-- name: column_character_set [mariadb]
-- The character set of the columns that hold records.
SELECT MIN(character_set_name), MAX(character_set_name) FROM information_schema.columns
WHERE table_schema = ? AND table_name IN (?, ?, ?) AND column_name = 'payload'

-- name: character_set [postgres]
-- The encoding of the database.
SELECT current_setting('server_encoding')

-- name: character_set [sqlite]
-- The encoding of the file.
SELECT encoding FROM pragma_encoding

-- name: open_errors
-- Errors that nobody has looked at, a few.
SELECT result_id, code FROM {error} WHERE status = 'NEW' ORDER BY error_id LIMIT ?
