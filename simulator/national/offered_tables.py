"""对外提供的代码表、区划: the tables as shipped, or an invented edition to rehearse a change with.

The rehearsal differs as a real change would: a code that begins, one that ends, a county that is
new and one that it takes over, all on a day that may lie ahead.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final, Self

from schemas.records.table_records import code_table_records, division_records
from schemas.records.tables import CodeTableList, DivisionPage
from schemas.reference.code_rows import Certainty, Code
from schemas.reference.codes import CodeTables
from schemas.reference.divisions import Division, DivisionLevel, DivisionTree

PAGE: Final = 1000
CHANGED_TABLE: Final = "channel"
NEW_CODE, ENDED_CODE = "77", "23"
"""受理渠道: one that no table has, and 微信."""
_SOURCE: Final = "联调演练，虚构"
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What the rehearsal changes on the Beijing date `on`."""

    new_county: str
    merged_county: str
    on: date


class OfferedTables:
    """One edition of both kinds, and the answers that they make."""

    def __init__(
        self, codes: CodeTables, tree: DivisionTree, rehearsal: Rehearsal | None = None
    ) -> None:
        self.codes, self.tree, self.rehearsal = codes, tree, rehearsal
        self._tables: Final = code_table_records(codes)
        self._divisions: Final = division_records(tree)
        self._codes: Final = [one.code for one in self._divisions]

    @classmethod
    def shipped(cls) -> Self:
        """Return the tables that come with the program."""
        return cls(CodeTables.load(), DivisionTree.load())

    @classmethod
    def rehearsed(cls, province: str, on: date) -> Self:
        """Return the tables with invented changes in a province from a Beijing date on.

        Raises:
            LookupError: The province has no county that could be taken over.
        """
        tree, codes = DivisionTree.load(), CodeTables.load()
        merged = _county_to_merge(tree, province)
        new = replace(merged, code=_free_code(tree, merged.code), name="演练区", valid_from=on)
        ended = replace(merged, valid_to=on, replaced_by=new.code)
        rows = {row.code: row for row in (*tree.rows(), new, ended)}
        return cls(
            codes.with_editions({(CHANGED_TABLE, ""): dict(_channels(codes, on))}),
            tree.with_rows(rows.values(), as_of=max(tree.as_of, on)),
            Rehearsal(new.code, merged.code, on),
        )

    def all_tables(self) -> CodeTableList:
        """Return all code tables in one answer, as contract 1.0 has it."""
        return CodeTableList(tables=tuple(self._tables))

    def part(self, number: int) -> CodeTableList | None:
        """Return a part of the code tables, from 1; None beyond the last."""
        parts = len(self._tables)
        if number > parts:
            return None
        table = self._tables[number - 1]
        return CodeTableList(part=number, parts=parts, tables=(table,))

    def page(self, after: str) -> DivisionPage:
        """Return the divisions after a code, `` for the first; `PAGE` of them at most."""
        start = bisect_right(self._codes, after)
        rows = self._divisions[start : start + PAGE]
        more = start + PAGE < len(self._divisions)
        return DivisionPage(as_of=self.tree.as_of, divisions=rows, more=more)


def _channels(codes: CodeTables, on: date) -> Iterator[tuple[str, Code]]:
    for code in codes.codes(CHANGED_TABLE):
        row = codes.get(CHANGED_TABLE, code)
        if row is not None:
            yield code, replace(row, valid_to=on - _DAY) if code == ENDED_CODE else row
    yield NEW_CODE, Code(NEW_CODE, "演练渠道", on, None, None, "", _SOURCE, Certainty.ASSUMED)


def _county_to_merge(tree: DivisionTree, province: str) -> Division:
    """Return the last county of the first city of a province that has two at least."""
    for city in (*tree.children(province), province):
        rows = [row for code in tree.children(city) if (row := tree.get(code)) is not None]
        counties = [row for row in rows if row.level is DivisionLevel.COUNTY]
        if len(counties) > 1:
            return counties[-1]
    raise LookupError(province)


def _free_code(tree: DivisionTree, beside: str) -> str:
    """Return a code of six digits beside another one that no row ever had."""
    candidates = (f"{beside[:4]}{number}" for number in range(99, 9, -1))
    return next(code for code in candidates if tree.get(code) is None)
