"""具名语句: what a heading says of its statement is checked when it is read."""

from pathlib import Path

import pytest

from gateway.adapters.ledger.store import STATEMENTS
from storage.statements import BadStatement, CacheUse, Dialect, SqlStatement, load_statements

WHOLE = """\
-- What stands before the first statement is a remark.

-- name: find_note
-- One note.
-- reads: notes, authors
-- cache: find
SELECT notes.text FROM notes JOIN authors ON authors.id = notes.author WHERE notes.id = ?

-- name: add_note
-- Add a note.
-- writes: notes
-- deferrable: yes
INSERT INTO notes (id, text) VALUES (?, ?)

-- name: add_note_many [postgres]
-- The same for several.
INSERT INTO notes (id, text) SELECT * FROM unnest(?::bigint[], ?::text[])

-- name: prune
-- Drop a few notes.
-- reads: authors
-- writes: notes
DELETE FROM notes WHERE author IN (SELECT id FROM authors WHERE gone)

-- name: prune [postgres]
-- The same; what another process holds is passed over.
WITH some AS (SELECT id FROM authors WHERE gone FOR UPDATE SKIP LOCKED)
DELETE FROM notes WHERE author IN (SELECT id FROM some)

-- name: listen [postgres]
-- Which notes are new.
-- reads: notes
SELECT id FROM notes WHERE id = ANY (?::bigint[])
"""


def read(folder: Path, text: str, dialect: Dialect = "sqlite") -> dict[str, SqlStatement]:
    (folder / "notes.sql").write_text(text, "utf-8")
    return dict(load_statements(folder, dialect))


def test_the_facts_of_a_statement_stand_in_its_heading(tmp_path: Path) -> None:
    found = read(tmp_path, WHOLE)
    assert list(found) == ["find_note", "add_note", "prune"]
    one, add = found["find_note"], found["add_note"]
    assert (sorted(one.reads), sorted(one.writes)) == (["authors", "notes"], [])
    assert (one.cache, one.deferrable) == (CacheUse.FIND, False)
    assert (sorted(add.reads), sorted(add.writes)) == ([], ["notes"])
    assert (add.cache, add.deferrable, add.many) == (None, True, None)
    assert found["prune"].tables == {"notes", "authors"}


def test_a_dialect_has_forms_of_its_own_with_the_facts_of_the_first(tmp_path: Path) -> None:
    found = read(tmp_path, WHOLE, "postgres")
    assert list(found) == ["find_note", "add_note", "prune", "listen"]
    add = found["add_note"]
    assert add.text == "INSERT INTO notes (id, text) VALUES (%s, %s)"
    assert add.many == "INSERT INTO notes (id, text) SELECT * FROM unnest(%b::bigint[], %b::text[])"
    assert add.deferrable
    assert found["prune"].text.startswith("WITH some")
    assert found["prune"].tables == {"notes", "authors"}


READING = "-- reads: notes\nSELECT text FROM notes\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("SELECT 1\n", "a statement without its name and purpose"),
        (f"-- name: one\n{READING}-- name: two\n", "two: name, purpose and statement expected"),
        (f"-- name: Un-named\n-- One.\n{READING}", "Un-named: name, purpose and statement"),
        (f"-- name: one\n-- One.\n{READING}-- name: one\n-- One.\n{READING}", "one stands twice"),
        ("-- name: one\n-- One.\nSELECT text FROM notes\n", "one: reads nothing, but .* notes"),
        ("-- name: one\n-- One.\n-- reads: notes\nDELETE FROM notes\n", "one: writes nothing, but"),
        (
            "-- name: one\n-- One.\n-- writes: notes\nSELECT 1 FROM notes\n",
            "one: writes notes, but",
        ),
        (f"-- name: one\n-- One.\n-- speed: high\n{READING}", "unknown fact «-- speed: high»"),
        (f"-- name: one\n-- One.\n-- and more.\n{READING}", "unknown fact «-- and more.»"),
        (f"-- name: one\n-- One.\n-- deferrable: maybe\n{READING}", "yes or no, not maybe"),
        (f"-- name: one\n-- One.\n-- cache: keep\n{READING}", "unknown use of the cache keep"),
        (
            f"-- name: one\n-- One.\n{READING}-- name: one [sqlite]\n-- One.\n{READING}",
            "one: the facts stand at the first form only",
        ),
        (f"-- name: one_many [sqlite]\n-- Some.\n{READING}", "one_many: a form of a statement"),
        (
            f"-- name: one\n-- One.\n{READING}-- name: one [sqlite]\n-- One.\nSELECT 1 FROM x\n",
            "one: reads notes, but the text says x",
        ),
    ],
)
def test_a_heading_that_is_wrong_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(BadStatement, match=message):
        read(tmp_path, text)


@pytest.mark.parametrize("dialect", ["sqlite", "postgres"])
def test_the_statements_of_the_ledger_keep_to_it(dialect: Dialect) -> None:
    found = load_statements(STATEMENTS, dialect)
    assert len(found) > 30
    assert {name for name, one in found.items() if one.deferrable} >= {"note_history", "enqueue"}
