"""区划的差异: what an edition of divisions changes, and what follows for agencies and cases."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from gateway.domain.directory import AgencyDirectory
from gateway.domain.routing import Unroutable
from gateway.domain.table_changes import written_day
from schemas.reference.divisions import Division, DivisionTree, UnknownDivision


class DivisionChangeKind(StrEnum):
    """What happens to a division."""

    ADDED = "division.added"
    REMOVED = "division.removed"  # in no table any more
    ABOLISHED = "division.abolished"
    MERGED = "division.merged"  # abolished, and another takes it over
    RENAMED = "division.renamed"
    REPARENTED = "division.reparented"
    LEVELLED = "division.levelled"  # another level
    DATED = "division.dated"  # another first or last day


@dataclass(frozen=True, slots=True)
class DivisionChange:
    """One difference; `before` and `after` are names, codes, levels or days, by its kind.

    What is abolished or merged has its day (a Beijing date, on which it is gone) in `on`.
    """

    kind: DivisionChangeKind
    code: str
    name: str
    before: str = ""
    after: str = ""
    on: date | None = None


@dataclass(frozen=True, slots=True)
class OpenPlace:
    """How many of the open cases that were looked at are registered at a place, by why held."""

    division: str
    hold_reason: str | None
    count: int


@dataclass(frozen=True, slots=True)
class EndingAgency:
    """An agency of the directory whose division ends, or is in no table any more (`on` is None)."""

    agency: str
    division: str
    on: date | None
    successor: str | None


@dataclass(frozen=True, slots=True)
class Consequences:
    """What follows for agencies of the directory, and for open cases by place.

    `ending` are places that end; `becoming_known` are places of cases that are held because the
    place is in no table, and would be in one.
    """

    agencies: tuple[EndingAgency, ...]
    ending: tuple[OpenPlace, ...]
    becoming_known: tuple[OpenPlace, ...]


def division_changes(before: DivisionTree, after: DivisionTree) -> tuple[DivisionChange, ...]:
    """Return what differs between the tree in force and another, in the order of the codes."""
    was = {row.code: row for row in before.rows()}
    now = {row.code: row for row in after.rows()}
    return tuple(
        change
        for code in sorted(was.keys() | now.keys())
        if was.get(code) != now.get(code)
        for change in _of_division(was.get(code), now.get(code))
    )


def consequences(
    before: DivisionTree,
    after: DivisionTree,
    *,
    directory: AgencyDirectory,
    places: Iterable[OpenPlace],
) -> Consequences:
    """Return what follows from putting the tree `after` in the place of `before`."""
    listed = tuple(places)
    unknown = [one for one in listed if one.hold_reason == Unroutable.UNKNOWN_PLACE]
    return Consequences(
        tuple(_ending_agencies(before, after, directory)),
        tuple(one for one in listed if _ends(before, after, one.division) is not None),
        tuple(one for one in unknown if _is_known(after, one.division)),
    )


def _of_division(was: Division | None, now: Division | None) -> Iterator[DivisionChange]:
    if now is None or was is None:
        row = was or now
        if row is not None:
            kind = DivisionChangeKind.ADDED if was is None else DivisionChangeKind.REMOVED
            begins = row.valid_from if was is None else None
            yield DivisionChange(kind, row.code, row.name, on=begins)
        return
    if was.name != now.name:
        yield DivisionChange(DivisionChangeKind.RENAMED, now.code, now.name, was.name, now.name)
    if was.parent != now.parent:
        kind = DivisionChangeKind.REPARENTED
        yield DivisionChange(kind, now.code, now.name, was.parent or "", now.parent or "")
    if was.level != now.level:
        kind = DivisionChangeKind.LEVELLED
        yield DivisionChange(kind, now.code, now.name, was.level.value, now.level.value)
    yield from _of_dates(was, now)


def _of_dates(was: Division, now: Division) -> Iterator[DivisionChange]:
    moved = was.replaced_by != now.replaced_by and now.replaced_by is not None
    if moved or (was.valid_to is None and now.valid_to is not None):
        kind = DivisionChangeKind.MERGED if now.replaced_by else DivisionChangeKind.ABOLISHED
        yield DivisionChange(kind, now.code, now.name, after=now.replaced_by or "", on=now.valid_to)
    elif was.valid_to != now.valid_to:
        days = written_day(was.valid_to), written_day(now.valid_to)
        yield DivisionChange(DivisionChangeKind.DATED, now.code, now.name, *days)
    if was.valid_from != now.valid_from:
        days = written_day(was.valid_from), written_day(now.valid_from)
        yield DivisionChange(DivisionChangeKind.DATED, now.code, now.name, *days)


def _ending_agencies(
    before: DivisionTree, after: DivisionTree, directory: AgencyDirectory
) -> Iterator[EndingAgency]:
    for agency in directory:
        if (ending := _ends(before, after, agency.division)) is not None:
            successor = ending.replaced_by
            yield EndingAgency(agency.code, agency.division, ending.valid_to, successor)
        elif _is_known(before, agency.division) and not _is_known(after, agency.division):
            yield EndingAgency(agency.code, agency.division, None, None)


def _ends(before: DivisionTree, after: DivisionTree, division: str) -> Division | None:
    """Return the row of what ends in `after` and not in `before`: the division, or one above it."""
    for one in _chain(after, division):
        row, was = after.get(one), before.get(one)
        if row is not None and row.valid_to is not None and (was is None or was.valid_to is None):
            return row
    return None


def _is_known(tree: DivisionTree, division: str) -> bool:
    return bool(_chain(tree, division))


def _chain(tree: DivisionTree, division: str) -> tuple[str, ...]:
    try:
        return tree.ancestors(division)
    except UnknownDivision:
        return ()
