"""对账: compares what the national side states of a day with what the ledger holds.

Its instants decide which day a message counts for: that of a forwarded item stands in the item,
that of an upload in the receipt for it. So our own day is theirs, whatever our clock said.

Source: 人社厅发〔2020〕3号 art. 8 (wrong feedback and late updates are criticised).
Assumed: the kinds of differences and what is done about them; the notices say nothing of either.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from gateway.domain.discrepancies import REMEDIES, Discrepancy, DiscrepancyKind, Remedy
from gateway.domain.statement_checks import may_be_elsewhere
from gateway.domain.statement_line import Line
from schemas.records.statements import EntryKind, StatementEntry

MIDNIGHT_MARGIN: Final = timedelta(minutes=30)
"""So near a midnight a message may be in the list of the neighbouring day."""
ACKNOWLEDGED_WITHIN: Final = timedelta(minutes=30)
"""What was stored so long before the list was closed should be acknowledged in it."""


class Standing(StrEnum):
    """How the ledger holds a message."""

    RECEIVED = "received"
    UNREADABLE = "unreadable"  # kept, but what it says cannot be compared
    WAITING = "waiting"  # to be sent, or to be sent again
    SENT = "sent"  # received there, by the receipt
    PARKED = "parked"  # refused there, for a person


@dataclass(frozen=True, slots=True)
class Held:
    """What the ledger holds under a line; `at` is since when, for what was received.

    `digests` are those its content may be stated with; none where it cannot be compared.
    """

    standing: Standing
    digests: frozenset[str] = frozenset()
    verdict: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ComparedPage:
    """The lines between two marks: what they state, what counts for the day here, what is held.

    `ours` are the lines of the day book with their instants. `held` answers for every line of
    either side; `newest` is the newest revision here for a key, of results and of deregistrations.
    """

    day: date
    closed_at: datetime
    theirs: Mapping[Line, tuple[StatementEntry, ...]]
    ours: Mapping[Line, datetime]
    held: Mapping[Line, Held]
    newest: Mapping[tuple[bool, str], int]

    def differences(self) -> Iterator[Discrepancy]:
        """Yield what differs, in the order of the lines."""
        for line in sorted({*self.theirs, *self.ours}, key=str):
            entries = self.theirs.get(line)
            if entries is None:
                yield from self._missing_there(line)
                continue
            if len(entries) > 1:
                yield _found(DiscrepancyKind.LISTED_TWICE, line)
            held = self.held.get(line)
            kind = (
                self._missing_here(line, entries)
                if held is None
                else _differing(line, entries, held, self.closed_at)
            )
            if kind is not None:
                yield _found(kind, line)

    def moved(self) -> Mapping[Line, datetime]:
        """Return what is held here and counts for another day by our book, with their instants."""
        return {
            line: entries[0].at
            for line, entries in self.theirs.items()
            if line in self.held and line not in self.ours
        }

    def _missing_there(self, line: Line) -> Iterator[Discrepancy]:
        held = self.held.get(line)
        pending = may_be_elsewhere(self.ours[line], self.day, self.closed_at, MIDNIGHT_MARGIN)
        if line.is_forwarded:
            yield Discrepancy(
                DiscrepancyKind.NOT_FORWARDED_THERE, line, Remedy.DESK, pending=pending
            )
            return
        if held is None or held.standing is not Standing.SENT:
            return  # it is on its way again
        behind = line.revision > 1
        kind = DiscrepancyKind.REVISION_BEHIND if behind else DiscrepancyKind.NOT_HELD_THERE
        current = self.newest.get(newest_key(line)) == line.revision
        remedy = REMEDIES[kind] if current else Remedy.DESK  # an older one would come too late
        yield Discrepancy(kind, line, remedy, pending=pending)

    def _missing_here(self, line: Line, entries: Sequence[StatementEntry]) -> DiscrepancyKind:
        if line.is_forwarded:
            acknowledged = any(one.acknowledged for one in entries)
            known = DiscrepancyKind.ACKNOWLEDGED_NOT_HELD
            return known if acknowledged else DiscrepancyKind.NOT_RECEIVED
        newest = self.newest.get(newest_key(line), 0)
        ahead = 0 < newest < line.revision
        return DiscrepancyKind.REVISION_AHEAD if ahead else DiscrepancyKind.NEVER_SENT


def newest_key(line: Line) -> tuple[bool, str]:
    """Return under what the newest revision is: results share theirs, whatever brought them."""
    return line.kind is EntryKind.DEREGISTRATION, line.key


def _differing(
    line: Line, entries: Sequence[StatementEntry], held: Held, closed_at: datetime
) -> DiscrepancyKind | None:
    """Return what differs in a message that both sides hold, the gravest first."""
    comparable = bool(held.digests)
    if comparable and any(one.verdict != held.verdict for one in entries):
        return DiscrepancyKind.VERDICT_DIFFERS
    if comparable and any(one.digest not in held.digests for one in entries):
        return DiscrepancyKind.CONTENT_DIFFERS
    if not line.is_forwarded:
        return DiscrepancyKind.REFUSED_HERE if held.standing is Standing.PARKED else None
    in_time = held.at is not None and held.at <= closed_at - ACKNOWLEDGED_WITHIN
    acknowledged = any(one.acknowledged for one in entries)
    return DiscrepancyKind.NOT_ACKNOWLEDGED if in_time and not acknowledged else None


def _found(kind: DiscrepancyKind, line: Line) -> Discrepancy:
    return Discrepancy(kind, line, REMEDIES.get(kind, Remedy.DESK))
