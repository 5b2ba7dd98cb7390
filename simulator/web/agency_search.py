"""机构查询: the public search for agencies, by division, level and name.

Source: 人社厅发〔2020〕3号 第七部分 (published nationally, searchable); 第四部分（二）.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from schemas.records.agencies import Agency
from schemas.reference.clock import beijing_date
from schemas.reference.codes import CodeTables
from simulator.national.entry import NationalEntry
from simulator.national.places import is_within, place_name

MOST_SHOWN: Final = 100
_LONGEST: Final = 100
_DIGITS: Final = frozenset({6, 9, 12})


@dataclass(frozen=True, slots=True)
class AgencyQuery:
    """What is looked for; empty means any. `division` takes in what lies below it."""

    division: str = ""
    level: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class AgencyLine:
    """One agency as the page shows it."""

    agency: Agency
    place: str
    level: str
    kind: str


@dataclass(frozen=True, slots=True)
class AgencyHits:
    """What was found: the first lines, and how many there are in all."""

    lines: Sequence[AgencyLine]
    total: int


def read_agency_query(query: Mapping[str, str]) -> AgencyQuery:
    """Return what a query of the page asks for; a division that is none finds nothing."""
    return AgencyQuery(
        query.get("division", "").strip()[:_LONGEST],
        query.get("level", "").strip()[:_LONGEST],
        query.get("name", "").strip()[:_LONGEST],
    )


def find_agencies(entry: NationalEntry, asked: AgencyQuery) -> AgencyHits:
    """Return the agencies in force today that fit, by division and code."""
    found = sorted(_matching(entry, asked), key=lambda one: (one.division, one.code))
    lines = [_line(one, entry) for one in found[:MOST_SHOWN]]
    return AgencyHits(lines, len(found))


def _matching(entry: NationalEntry, asked: AgencyQuery) -> Iterator[Agency]:
    for one in entry.book.agency_lists.agencies(beijing_date(entry.now())):
        if asked.level and one.level != asked.level:
            continue
        if asked.name and asked.name not in one.name:
            continue
        if asked.division and not _lies_in(one.division, asked.division, entry):
            continue
        yield one


def _lies_in(division: str, asked: str, entry: NationalEntry) -> bool:
    if not (asked.isascii() and asked.isdigit() and len(asked) in _DIGITS):
        return asked in place_name(division, entry.tree)
    return is_within(division, asked, entry.tree)


def _line(one: Agency, entry: NationalEntry) -> AgencyLine:
    return AgencyLine(
        one,
        place_name(one.division, entry.tree),
        _word(entry.tables, "agency-level", one.level),
        _word(entry.tables, "agency-kind", one.kind),
    )


def _word(tables: CodeTables, table: str, code: str) -> str:
    return tables.name(table, code) or code
