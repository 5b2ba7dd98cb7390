"""差异: what can differ between the two sides about one message, and what is done about it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from gateway.domain.statement_line import Line


class DiscrepancyKind(StrEnum):
    """What differs; «held» means stored durably, «there» the national side, «here» the gateway."""

    NOT_RECEIVED = "not-received"  # forwarded and not acknowledged, and not held here
    ACKNOWLEDGED_NOT_HELD = "acknowledged-not-held"  # acknowledged there, and not held here
    NOT_ACKNOWLEDGED = "not-acknowledged"  # held here in time, and not acknowledged there
    NOT_FORWARDED_THERE = "not-forwarded-there"  # held here, and never forwarded, says the list
    NOT_HELD_THERE = "not-held-there"  # received there by its receipt, and not in the list
    REVISION_BEHIND = "revision-behind"  # likewise a correction: an older revision is in force
    REVISION_AHEAD = "revision-ahead"  # a revision there that comes after our newest
    NEVER_SENT = "never-sent"  # a result there that this gateway never sent
    REFUSED_HERE = "refused-here"  # held there, while here it is parked as refused
    CONTENT_DIFFERS = "content-differs"  # same key and revision, other content
    VERDICT_DIFFERS = "verdict-differs"  # same key and revision, other verdict
    LISTED_TWICE = "listed-twice"  # one key and revision more than once in the list


class Remedy(StrEnum):
    """What is done about a difference; none of it changes a decision."""

    FETCH_AGAIN = "fetch-again"  # it comes by the feed, which repeats what is not acknowledged
    ACKNOWLEDGE_AGAIN = "acknowledge-again"
    SEND_AGAIN = "send-again"  # under the same key and revision
    DESK = "desk"  # a person


class DiscrepancyState(StrEnum):
    """Where a difference stands; it is closed beside that."""

    PENDING = "pending"  # near midnight: the statement of the next day says more
    UNDER_WAY = "under-way"  # its remedy is under way
    OPEN = "open"  # with the desk


class ClosedAs(StrEnum):
    """How a difference came to its end."""

    REPAIRED = "repaired"
    STATED = "stated"  # the statement of another day has it
    GONE = "gone"  # a later run of the day finds it no more
    BY_OPERATOR = "by-operator"


REMEDIES: Final[Mapping[DiscrepancyKind, Remedy]] = MappingProxyType(
    {
        DiscrepancyKind.NOT_RECEIVED: Remedy.FETCH_AGAIN,
        DiscrepancyKind.NOT_ACKNOWLEDGED: Remedy.ACKNOWLEDGE_AGAIN,
        DiscrepancyKind.NOT_HELD_THERE: Remedy.SEND_AGAIN,
        DiscrepancyKind.REVISION_BEHIND: Remedy.SEND_AGAIN,
        DiscrepancyKind.REFUSED_HERE: Remedy.SEND_AGAIN,
    }
)
"""What is safe to do by itself; every other difference is for a person."""
SECURITY: Final = frozenset(
    {
        DiscrepancyKind.NEVER_SENT,
        DiscrepancyKind.REVISION_AHEAD,
        DiscrepancyKind.VERDICT_DIFFERS,
    }
)
"""What may mean that somebody else sends results in our name: a security event."""
_REMEDY_TIME: Final = timedelta(hours=24)
MISSING_THERE: Final = frozenset({DiscrepancyKind.NOT_HELD_THERE, DiscrepancyKind.REVISION_BEHIND})


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """One difference about one message; a `pending` one may be in a neighbouring day's list."""

    kind: DiscrepancyKind
    line: Line
    remedy: Remedy
    pending: bool = False

    @property
    def state(self) -> DiscrepancyState:
        """Where it stands when it is found."""
        if self.pending:
            return DiscrepancyState.PENDING
        desk = self.remedy is Remedy.DESK
        return DiscrepancyState.OPEN if desk else DiscrepancyState.UNDER_WAY


@dataclass(frozen=True, slots=True)
class RecordedDiscrepancy:
    """A difference as the ledger has it: of the statement of `day`, last found in run `run`."""

    id: int
    day: date
    line: Line
    kind: DiscrepancyKind
    remedy: Remedy
    state: DiscrepancyState
    run: int
    found_at: datetime
    changed_at: datetime
    closed_at: datetime | None = None
    closed_as: ClosedAs | None = None
    closed_by: str | None = None


def found_again(
    earlier: RecordedDiscrepancy, found: Discrepancy
) -> tuple[Remedy, DiscrepancyState] | None:
    """Return how a difference goes on that is found once more; None where nothing changes.

    What was sent again, received by its receipt, and is still not in the list, contradicts itself:
    that is for a person. What a person closed stays closed, and so does what is stated elsewhere.
    """
    if earlier.closed_as in {None, ClosedAs.BY_OPERATOR, ClosedAs.STATED}:
        return None
    if earlier.closed_as is ClosedAs.GONE:
        return found.remedy, found.state
    if found.kind in MISSING_THERE:
        return Remedy.DESK, DiscrepancyState.OPEN
    return None


def closed(
    one: RecordedDiscrepancy, how: ClosedAs, at: datetime, by: str | None = None
) -> RecordedDiscrepancy:
    """Return a difference that has come to its end; `by` is the operator who closed it."""
    return replace(one, changed_at=at, closed_at=at, closed_as=how, closed_by=by)


def handed_to_desk(one: RecordedDiscrepancy, at: datetime) -> RecordedDiscrepancy:
    """Return a difference that is for a person from now on."""
    return replace(one, remedy=Remedy.DESK, state=DiscrepancyState.OPEN, changed_at=at)


def is_overdue(one: RecordedDiscrepancy, at: datetime) -> bool:
    """Say whether its remedy had its time and did not help."""
    return at - one.changed_at > _REMEDY_TIME
