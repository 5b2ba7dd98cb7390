"""启用、不采用: what operators decided on editions, and which edition is in force on a day (生效).

An edition is put in force by a decision with a day, never by having come. Of two decisions the one
with the later day holds from that day on, and of two with the same day the later one: so a decision
is undone by putting the edition before in force again, from whatever day.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from gateway.domain.table_editions import SHIPPED, EditionRef, TableKind


class DecisionStep(StrEnum):
    """What was decided on an edition."""

    ADOPTED = "adopted"  # 启用
    REJECTED = "rejected"  # 不采用


@dataclass(frozen=True, slots=True)
class TableDecision:
    """One decision, counted from 1 among those of its kind; `at` in UTC, `from_day` of Beijing.

    `reason` may name persons: it is stored sealed, shown to operators and never logged.
    """

    edition: EditionRef
    no: int
    step: DecisionStep
    from_day: date | None  # of an adoption
    at: datetime
    actor: str
    reason: str


@dataclass(frozen=True, slots=True)
class Adoption:
    """That an edition is in force from a day on, by the decision with this number."""

    edition: EditionRef
    no: int
    from_day: date


@dataclass(frozen=True, slots=True)
class FetchedMark:
    """What was fetched last: which edition, first seen as the newest, and last seen, in UTC."""

    edition: EditionRef
    since: datetime
    seen_at: datetime


class DecisionResult(StrEnum):
    """What became of an operator's decision."""

    DONE = "done"  # 已办理
    ALREADY = "already"  # 此前已办理: decided so by the decision before
    DECIDED_MEANWHILE = "decided-meanwhile"  # somebody decided since this was looked at
    UNKNOWN_EDITION = "unknown-edition"
    DAY_PAST = "day-past"  # cases were taken over under other tables since
    IN_FORCE = "in-force"  # it is, or will be: another edition is put in force instead


@dataclass(frozen=True, slots=True)
class Standing:
    """What a decision is made over: the last decision of the kind, and whether the edition exists.

    `planned` are the adoptions that are in force on the day of the decision, or will be.
    """

    last: TableDecision | None
    is_known: bool
    planned: tuple[Adoption, ...]


def judge(decision: TableDecision, standing: Standing, *, today: date) -> DecisionResult:
    """Return whether a decision may be made, `DONE`, or why not; `today` is a Beijing date."""
    last = standing.last
    if last is not None and _is_the_same(decision, last):
        return DecisionResult.ALREADY
    if decision.no != (0 if last is None else last.no) + 1:
        return DecisionResult.DECIDED_MEANWHILE
    if not standing.is_known:
        return DecisionResult.UNKNOWN_EDITION
    if decision.from_day is not None and decision.from_day < today:
        return DecisionResult.DAY_PAST
    if decision.step is DecisionStep.REJECTED and decision.edition in {
        one.edition for one in standing.planned
    }:
        return DecisionResult.IN_FORCE
    return DecisionResult.DONE


def in_order(adoptions: Iterable[Adoption]) -> tuple[Adoption, ...]:
    """Return the adoptions that hold, by their days: of those with one day the last decided."""
    by_day: dict[date, Adoption] = {}
    for one in sorted(adoptions, key=lambda one: (one.from_day, one.no)):
        by_day[one.from_day] = one
    return tuple(by_day.values())


def edition_on(adoptions: Iterable[Adoption], kind: TableKind, day: date) -> EditionRef:
    """Return the edition of a kind that is in force on a Beijing date; as shipped without one."""
    found = [one for one in adoptions if one.edition.kind is kind and one.from_day <= day]
    if not found:
        return EditionRef(kind, SHIPPED)
    return max(found, key=lambda one: (one.from_day, one.no)).edition


def waiting_proposal(
    fetched: FetchedMark | None,
    last: TableDecision | None,
    adopted: EditionRef | None,
    planned: Iterable[Adoption],
) -> FetchedMark | None:
    """Return what was fetched and waits for a decision; None where nothing does.

    Args:
        fetched: What was fetched last, of a kind.
        last: The last decision on that very edition.
        adopted: The edition that the last adoption of the kind names, whatever its day.
        planned: What is in force, or comes into force later.
    """
    if fetched is None or fetched.edition in {one.edition for one in planned}:
        return None
    if fetched.edition == (adopted or EditionRef(fetched.edition.kind, SHIPPED)):
        return None
    return None if last is not None and last.step is DecisionStep.REJECTED else fetched


def _is_the_same(decision: TableDecision, last: TableDecision) -> bool:
    return (decision.edition, decision.step, decision.from_day) == (
        last.edition,
        last.step,
        last.from_day,
    )
