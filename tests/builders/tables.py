"""Editions of code tables and divisions: as shipped, and changed as the test wants them."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Final

from gateway.domain.table_editions import Edition, code_edition, division_edition
from schemas.records.table_records import code_table_records, division_records
from schemas.records.tables import (
    CodeRow,
    CodeTable,
    CodeTableList,
    DivisionPage,
    DivisionRow,
)
from schemas.reference.code_rows import Certainty
from schemas.reference.codes import CodeTables
from schemas.reference.divisions import DivisionTree

NEW_CHANNEL: Final = "77"
"""A code that no shipped table of channels (受理渠道) has."""
NEW_COUNTY, MERGED_COUNTY = "410199", "410184"
"""演练区, which no table has, and 新郑市, which it takes over in the second edition."""
MERGED_ON: Final = date(2026, 3, 1)


def a_code(code: str, **changes: object) -> CodeRow:
    """Return a row of a code table."""
    row = CodeRow(code=code, name="演练", source="演练", certainty=Certainty.ASSUMED)
    return row.model_copy(update=changes)


def with_code(table: str, *rows: CodeRow, generation: str | None = None) -> tuple[CodeTable, ...]:
    """Return the shipped tables with rows added to one of them, or put in the place of others."""
    fresh = {row.code: row for row in rows}

    def change(one: CodeTable) -> CodeTable:
        if (one.table, one.generation) != (table, generation):
            return one
        kept = [row for row in one.rows if row.code not in fresh]
        return one.model_copy(update={"rows": (*kept, *rows)})

    return shipped_codes(change)


def shipped_codes(
    change: Callable[[CodeTable], CodeTable] = lambda one: one,
) -> tuple[CodeTable, ...]:
    """Return the shipped tables, each as `change` makes it."""
    return tuple(change(one) for one in code_table_records(CodeTables.load()))


def second_codes() -> tuple[CodeTable, ...]:
    """Return the shipped tables with a channel that they lack."""
    return with_code("channel", a_code(NEW_CHANNEL, name="演练渠道"))


def shipped_divisions(*changed: DivisionRow) -> list[DivisionRow]:
    """Return the shipped divisions in order, with rows added or put in the place of others."""
    rows = {row.code: row for row in division_records(DivisionTree.load())}
    rows |= {row.code: row for row in changed}
    return [rows[code] for code in sorted(rows)]


def the_division(of: str, /, **changes: object) -> DivisionRow:
    """Return the shipped row of a division, changed."""
    (row,) = [one for one in division_records(DivisionTree.load()) if one.code == of]
    return row.model_copy(update=changes)


def second_divisions() -> list[DivisionRow]:
    """Return the divisions with 演练区, which takes over 新郑市 on `MERGED_ON`."""
    new = the_division(MERGED_COUNTY, code=NEW_COUNTY, name="演练区", valid_from=None)
    merged = the_division(MERGED_COUNTY, valid_to=MERGED_ON, replaced_by=NEW_COUNTY)
    return shipped_divisions(new, merged)


def parts(tables: Sequence[CodeTable]) -> list[CodeTableList]:
    """Return the parts in which code tables come."""
    return [
        CodeTableList(part=number, parts=len(tables), tables=(one,))
        for number, one in enumerate(tables, 1)
    ]


def pages(rows: Iterable[DivisionRow], *, size: int = 1000) -> list[DivisionPage]:
    """Return the pages in which divisions come."""
    listed = list(rows)
    as_of = DivisionTree.load().as_of
    starts = range(0, len(listed), size)
    return [
        DivisionPage(
            as_of=as_of,
            divisions=tuple(listed[start : start + size]),
            more=start + size < len(listed),
        )
        for start in starts
    ]


def codes_edition(listed: tuple[CodeTable, ...] | None = None) -> Edition:
    """Return the second edition of the code tables, or the edition that `listed` is."""
    return code_edition(listed or second_codes())


def divisions_edition(rows: Iterable[DivisionRow] | None = None) -> Edition:
    """Return the second edition of the divisions, or the edition that `rows` are."""
    listed = second_divisions() if rows is None else rows
    return division_edition(listed, DivisionTree.load().as_of)
