-- name: add_directory_version
-- Add a version of the agency directory.
-- writes: directory_versions
INSERT INTO directory_versions (number, made_at, valid_from, made_by, agencies, body)
VALUES (?, ?, ?, ?, ?, ?)

-- name: add_directory_agency
-- Add an agency of a version.
-- writes: directory_agencies
INSERT INTO directory_agencies (version, position, content) VALUES (?, ?, ?)

-- name: add_directory_agency_many [postgres]
-- The same for all agencies of a version.
INSERT INTO directory_agencies (version, position, content)
SELECT * FROM unnest(?::bigint[], ?::bigint[], ?::text[])

-- name: end_publication
-- Note how publishing a version ended; what is noted stays.
-- writes: directory_publications
INSERT INTO directory_publications (version, result, at, code) VALUES (?, ?, ?, ?)
ON CONFLICT DO NOTHING

-- name: newest_directory
-- The version with the highest number.
-- reads: directory_versions
SELECT number, made_at, valid_from, made_by, agencies, body FROM directory_versions
ORDER BY number DESC LIMIT 1

-- name: newest_directory_number
-- The highest number of a version.
-- reads: directory_versions
SELECT number FROM directory_versions ORDER BY number DESC LIMIT 1

-- name: directory_version
-- One version.
-- reads: directory_versions
SELECT number, made_at, valid_from, made_by, agencies, body FROM directory_versions
WHERE number = ?

-- name: directory_number_on
-- The version that was in force at an instant of a day: the highest made by then that had begun.
-- reads: directory_versions
SELECT number FROM directory_versions WHERE made_at <= ? AND valid_from <= ?
ORDER BY number DESC LIMIT 1

-- name: directories_from
-- The versions from a number on, lowest first.
-- reads: directory_versions
SELECT number, made_at, valid_from, made_by, agencies, body FROM directory_versions
WHERE number >= ? ORDER BY number

-- name: directory_agencies
-- The agencies of a version, in their order.
-- reads: directory_agencies
SELECT position, content FROM directory_agencies WHERE version = ? ORDER BY position

-- name: list_directories
-- The latest versions below a number, highest first, with how publishing them ended.
-- reads: directory_versions, directory_publications
SELECT versions.number, versions.made_at, versions.valid_from, versions.made_by, versions.agencies,
    ended.result, ended.at, ended.code
FROM directory_versions AS versions
LEFT JOIN directory_publications AS ended ON ended.version = versions.number
WHERE versions.number < ? ORDER BY versions.number DESC LIMIT ?

-- name: last_publication
-- The highest number of a version whose publishing ended.
-- reads: directory_publications
SELECT version FROM directory_publications ORDER BY version DESC LIMIT 1

-- name: unpublished_directory
-- The oldest version that has begun and is neither published, refused nor overtaken.
-- reads: directory_versions
SELECT number, made_at, valid_from FROM directory_versions
WHERE number > ? AND valid_from <= ? ORDER BY number LIMIT 1
