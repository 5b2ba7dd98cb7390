"""对账单采用: a statement is used as a whole or not at all, and why not is a code."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from gateway.domain.statement_line import Line
from schemas.records.statements import EntryKind, Statement, StatementCounts, StatementEntry
from schemas.reference.clock import BEIJING, beijing_date

MOST_PARTS: Final = 1000
"""A million messages: ten times what any province has on its first day."""
MOST_ENTRIES_OF_A_LINE: Final = 8
"""More entries under one key and revision than any mistake explains."""
_MOST_AHEAD: Final = timedelta(minutes=5)
"""How far ahead of our clock a statement may be closed, since clocks differ."""


class StatementFault(StrEnum):
    """Why a statement is not used: a closed list."""

    OTHER_DATE = "statement.other-date"
    OTHER_AREA = "statement.other-area"
    OTHER_PART = "statement.other-part"  # a part bears another number than was asked for
    OTHER_CLOSING = "statement.other-closing"  # parts of different closings, or other totals
    CLOSED_AHEAD = "statement.closed-ahead"  # closed at a time that has not come
    OTHER_DAY = "statement.entry-of-another-day"
    TOO_MANY = "statement.too-many-parts"
    TOO_OFTEN = "statement.line-too-often"
    WRONG_COUNTS = "statement.counts-differ"  # truncated, or something was added
    WRONG_DIGEST = "statement.digest-differs"
    LOST = "statement.lost"  # what was kept of it cannot be opened; it is fetched anew


class StatementNotUsed(Exception):
    """A statement is not used; nothing was concluded from it."""

    def __init__(self, fault: StatementFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Expected:
    """Which statement is asked for: of which Beijing day, for which areas' spellings, when."""

    day: date
    areas: frozenset[str]
    now: datetime


def spellings_of(province: str) -> frozenset[str]:
    """Return the division code of a province in 6, 9 and 12 digits: one area, however written."""
    return frozenset({province, f"{province}000", f"{province}000000"})


def day_start(day: date) -> datetime:
    """Return the midnight at which a Beijing day begins."""
    return datetime.combine(day, time(), BEIJING)


def header_of(part: Statement) -> Statement:
    """Return what every part of a statement says alike, as the first part without entries."""
    return part.model_copy(update={"part": 1, "entries": ()})


def check_part(part: Statement, number: int, expected: Expected, first: Statement | None) -> None:
    """Check one part, asked for by its `number`, against the header of the `first`.

    Raises:
        StatementNotUsed: Why the statement is not used.
    """
    for fault, holds in (
        (StatementFault.OTHER_DATE, part.date == expected.day),
        (StatementFault.OTHER_AREA, part.division in expected.areas),
        (StatementFault.OTHER_PART, part.part == number <= part.parts),
        (StatementFault.TOO_MANY, part.parts <= MOST_PARTS),
        (StatementFault.OTHER_CLOSING, first is None or header_of(part) == first),
        (StatementFault.CLOSED_AHEAD, part.closed_at <= expected.now + _MOST_AHEAD),
        (StatementFault.OTHER_DAY, all(beijing_date(one.at) == part.date for one in part.entries)),
    ):
        if not holds:
            raise StatementNotUsed(fault)


class WholeStatement:
    """Checks the whole of a statement while it is gone through, line by line in their order."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self._counts = dict.fromkeys(EntryKind, 0)
        self._acknowledged = 0
        self._group: list[tuple[str, StatementEntry]] = []

    def add(self, lines: Iterable[tuple[str, tuple[StatementEntry, ...]]]) -> None:
        """Take the next lines with their entries."""
        for line, entries in lines:
            if self._group and not line.startswith(self._group[0][0]):
                self._end_group()
            self._group.extend((line, entry) for entry in entries)
            for entry in entries:
                self._counts[entry.kind] += 1
                self._acknowledged += entry.acknowledged is True

    def check(self, header: Statement) -> None:
        """Check the totals and the digest that every part bears.

        Raises:
            StatementNotUsed: The statement is truncated, or not what its digest is of.
        """
        self._end_group()
        if self._counted() != header.counts:
            raise StatementNotUsed(StatementFault.WRONG_COUNTS)
        if self._hash.hexdigest() != header.digest:
            raise StatementNotUsed(StatementFault.WRONG_DIGEST)

    def _end_group(self) -> None:
        """Hash lines of which one begins as another does: the digests behind them decide."""
        for line in sorted(f"{line}{entry.digest}" for line, entry in self._group):
            self._hash.update(f"{line}\n".encode("ascii"))
        self._group.clear()

    def _counted(self) -> StatementCounts:
        return StatementCounts(
            applications=self._counts[EntryKind.APPLICATION],
            withdrawals=self._counts[EntryKind.WITHDRAWAL],
            acknowledged=self._acknowledged,
            outcomes=self._counts[EntryKind.OUTCOME],
            registrations=self._counts[EntryKind.REGISTRATION],
            deregistrations=self._counts[EntryKind.DEREGISTRATION],
        )


def entries_by_line(
    entries: Iterable[StatementEntry], kept: Mapping[str, tuple[StatementEntry, ...]]
) -> Mapping[str, tuple[StatementEntry, ...]]:
    """Return the lines of a part with all their entries, those `kept` of other parts among them.

    Raises:
        StatementNotUsed: One line stands there too often.
    """
    found: dict[str, tuple[StatementEntry, ...]] = {}
    for entry in entries:
        line = str(Line.of(entry))
        found[line] = (*found.get(line, kept.get(line, ())), entry)
    if any(len(some) > MOST_ENTRIES_OF_A_LINE for some in found.values()):
        raise StatementNotUsed(StatementFault.TOO_OFTEN)
    return found


def may_be_elsewhere(at: datetime, day: date, closed_at: datetime, margin: timedelta) -> bool:
    """Say whether the other side may have an entry of a day under a neighbouring one, or later.

    So it is near a midnight, and for what came after a day that was closed early.
    """
    start, end = day_start(day) + margin, day_start(day + timedelta(days=1)) - margin
    return not start <= at <= min(end, closed_at)
