"""代码表的差异: what an edition of the code tables would change, code by code."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from schemas.records.closed_lists import CLOSED_LISTS
from schemas.records.table_records import codes_of
from schemas.records.tables import CodeTable
from schemas.reference.code_rows import Code
from schemas.reference.codes import CodeTables


class CodeChangeKind(StrEnum):
    """What happens to a table, or to one of its codes."""

    TABLE_ADDED = "table.added"  # a table, or a generation of one
    TABLE_MISSING = "table.missing"  # the edition lacks it: it stays as shipped
    ADDED = "code.added"
    REMOVED = "code.removed"  # not in the table any more
    ENDED = "code.ended"
    REPLACED = "code.replaced"
    RENAMED = "code.renamed"
    DATED = "code.dated"  # another first or last day
    SOURCED = "code.sourced"  # another source, or certainty


@dataclass(frozen=True, slots=True)
class CodeChange:
    """One difference; `before` and `after` are names, codes or days, by its kind.

    One that is `refused` touches a closed list of the contract: it needs a new version of that, and
    is not put in force with the edition.
    """

    kind: CodeChangeKind
    table: str
    generation: str
    code: str = ""
    before: str = ""
    after: str = ""
    refused: bool = False


Generations = Mapping[tuple[str, str], Mapping[str, Code]]


def code_changes(before: CodeTables, edition: tuple[CodeTable, ...]) -> tuple[CodeChange, ...]:
    """Return what `edition` would change of the tables in force, in the order of the tables."""
    found = {(one.table, one.generation or ""): codes_of(one) for one in edition}
    return tuple(_changes(_generations(before), found))


def _generations(tables: CodeTables) -> Generations:
    return {
        (table, generation): {
            code: row
            for code in tables.codes(table, generation)
            if (row := tables.get(table, code, generation)) is not None
        }
        for table in tables.tables()
        for generation in tables.generations(table)
    }


def _changes(before: Generations, after: Generations) -> Iterator[CodeChange]:
    for table, generation in sorted(before.keys() | after.keys()):
        refused = table in CLOSED_LISTS
        was, now = before.get((table, generation)), after.get((table, generation))
        if now is None:
            yield CodeChange(CodeChangeKind.TABLE_MISSING, table, generation)
        elif was is None:
            kind = CodeChangeKind.TABLE_ADDED
            yield CodeChange(kind, table, generation, after=str(len(now)), refused=refused)
        else:
            for code in sorted(was.keys() | now.keys()):
                yield from _of_code(was.get(code), now.get(code), table, refused=refused)


def _of_code(
    was: Code | None, now: Code | None, table: str, *, refused: bool
) -> Iterator[CodeChange]:
    if was is None or now is None:
        row = was or now
        if row is not None:
            kind = CodeChangeKind.ADDED if was is None else CodeChangeKind.REMOVED
            names = ("", row.name) if was is None else (row.name, "")
            yield CodeChange(kind, table, row.generation, row.code, *names, refused=refused)
        return
    for kind, old, new in _differing(was, now):
        yield CodeChange(kind, table, now.generation, now.code, old, new, refused=refused)


def _differing(was: Code, now: Code) -> Iterator[tuple[CodeChangeKind, str, str]]:
    if was.name != now.name:
        yield CodeChangeKind.RENAMED, was.name, now.name
    if was.replaced_by != now.replaced_by:
        yield CodeChangeKind.REPLACED, was.replaced_by or "", now.replaced_by or ""
    if was.valid_to is None and now.valid_to is not None:
        yield CodeChangeKind.ENDED, "", now.valid_to.isoformat()
    elif was.valid_to != now.valid_to:
        yield CodeChangeKind.DATED, written_day(was.valid_to), written_day(now.valid_to)
    if was.valid_from != now.valid_from:
        yield CodeChangeKind.DATED, written_day(was.valid_from), written_day(now.valid_from)
    if (was.source, was.certainty) != (now.source, now.certainty):
        yield CodeChangeKind.SOURCED, was.source, now.source


def written_day(day: date | None) -> str:
    """Return a day as ISO text, `` for none."""
    return "" if day is None else day.isoformat()
