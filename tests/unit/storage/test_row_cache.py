"""Which statement answers for which cached table is settled, or refused, before a batch runs."""

from pathlib import Path

import pytest

from storage.postgres.row_cache import CachePlan
from storage.schema import CachedTable
from storage.statements import BadStatement, CacheUse, load_statements

NOTES = CachedTable("notes", key=1, columns=2)
LOAD = "-- name: notes\n-- Some.\n-- reads: notes\n-- cache: load\nSELECT * FROM notes\n"
ADD = "-- name: add\n-- Add.\n-- writes: notes\n-- cache: add\nINSERT INTO notes VALUES (?, ?)\n"
JOINED = (
    "-- name: both\n-- Some.\n-- reads: notes, authors\n-- cache: find\n"
    "SELECT * FROM notes JOIN authors ON true\n"
)


def plan(folder: Path, text: str, *tables: CachedTable) -> CachePlan:
    (folder / "notes.sql").write_text(text, "utf-8")
    return CachePlan(load_statements(folder, "postgres"), tables)


def test_a_plan_knows_the_statements_of_each_table(tmp_path: Path) -> None:
    made = plan(tmp_path, LOAD + ADD, NOTES)
    assert made.uses[CacheUse.LOAD] == {"notes": NOTES}
    assert made.uses[CacheUse.ADD] == {"add": NOTES}
    assert made.statements == {("notes", CacheUse.LOAD): "notes", ("notes", CacheUse.ADD): "add"}


@pytest.mark.parametrize(
    ("text", "table", "message"),
    [
        (LOAD, NOTES, "cached table notes: no statement to add its rows"),
        (ADD, NOTES, "cached table notes: no statement to load its rows"),
        (
            LOAD + ADD,
            CachedTable("notes", key=1, columns=2, version=1),
            "cached table notes: no statement to replace its rows",
        ),
        (LOAD + ADD, CachedTable("others", key=1, columns=1), "notes: cached, but not of one"),
        (LOAD + ADD + JOINED, NOTES, "both: cached, but not of one cached table"),
    ],
)
def test_a_plan_with_a_gap_is_refused(
    tmp_path: Path, text: str, table: CachedTable, message: str
) -> None:
    with pytest.raises(BadStatement, match=message):
        plan(tmp_path, text, table)
