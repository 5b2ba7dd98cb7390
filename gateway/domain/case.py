"""办件: the record of handling one application: life as a table, history as a chain."""

import hashlib
import re
from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Final, NamedTuple, TypedDict, Unpack

import orjson

from gateway.errors import IllegalStep


class State(StrEnum):
    """Where a case stands; overdue (逾期) is derived from the due date, never a state."""

    ACCEPTED = "ACCEPTED"  # 已接收
    DISPATCHED = "DISPATCHED"  # 已分派
    DECIDED = "DECIDED"  # 已办结
    REPORTED = "REPORTED"  # 已上传
    HELD = "HELD"  # 挂起
    RETURNED = "RETURNED"  # 已退回
    WITHDRAWN = "WITHDRAWN"  # 已撤回


class Step(StrEnum):
    """What can happen to a case."""

    ACCEPT = "accept"  # 接收: only ever the first entry of a history
    DELIVER = "deliver"  # the agency's system has the dispatch
    HOLD = "hold"  # 挂起
    ASSIGN = "assign"  # 分派、改派: a new dispatch opens
    DECIDE = "decide"  # an outcome came; a correction is a new revision
    REPORT = "report"  # the national side has the outcome
    RETURN = "return"  # 退回
    WITHDRAW = "withdraw"  # 撤回
    NOTE = "note"  # 记载: something is worth an entry and moves nothing


UNDECIDED: Final = (State.ACCEPTED, State.DISPATCHED, State.HELD)
"""States in which somebody still has to act, and a case can be overdue."""

_KEY: Final = re.compile(r"[!-~]{1,60}")
"""An application number, or `division/local_serial`: nothing that a database could not hold."""

_LIFE: Final[Mapping[tuple[State, Step], State]] = {
    (State.ACCEPTED, Step.DELIVER): State.DISPATCHED,
    (State.ACCEPTED, Step.HOLD): State.HELD,
    (State.ACCEPTED, Step.ASSIGN): State.ACCEPTED,  # 改派 before the first agency took it
    (State.ACCEPTED, Step.DECIDE): State.DECIDED,  # the outcome overtook the agency's receipt
    (State.ACCEPTED, Step.WITHDRAW): State.WITHDRAWN,
    (State.DISPATCHED, Step.DELIVER): State.DISPATCHED,  # the receipt came twice
    (State.DISPATCHED, Step.HOLD): State.HELD,
    (State.DISPATCHED, Step.ASSIGN): State.ACCEPTED,  # 改派
    (State.DISPATCHED, Step.DECIDE): State.DECIDED,
    (State.DISPATCHED, Step.WITHDRAW): State.WITHDRAWN,
    (State.HELD, Step.ASSIGN): State.ACCEPTED,
    (State.HELD, Step.HOLD): State.HELD,  # held for another reason now
    (State.HELD, Step.DECIDE): State.DECIDED,  # the silent agency answered after all
    (State.HELD, Step.DELIVER): State.HELD,  # so did its receipt; an operator still decides
    (State.HELD, Step.RETURN): State.RETURNED,
    (State.HELD, Step.WITHDRAW): State.WITHDRAWN,
    (State.DECIDED, Step.DELIVER): State.DECIDED,  # the late receipt changes nothing
    (State.DECIDED, Step.DECIDE): State.DECIDED,  # a correction before the first report
    (State.DECIDED, Step.REPORT): State.REPORTED,
    (State.DECIDED, Step.WITHDRAW): State.DECIDED,  # too late: the decision stands
    (State.REPORTED, Step.DELIVER): State.REPORTED,
    (State.REPORTED, Step.DECIDE): State.DECIDED,  # a correction: the next revision goes out
    (State.REPORTED, Step.REPORT): State.REPORTED,
    (State.REPORTED, Step.WITHDRAW): State.REPORTED,
    (State.RETURNED, Step.HOLD): State.HELD,  # the national side forwarded it to us again
    (State.RETURNED, Step.ASSIGN): State.ACCEPTED,  # and it can be read now
    (State.RETURNED, Step.WITHDRAW): State.RETURNED,
    (State.WITHDRAWN, Step.WITHDRAW): State.WITHDRAWN,
    (State.WITHDRAWN, Step.DELIVER): State.WITHDRAWN,  # the receipt crossed the withdrawal
    **{(state, Step.NOTE): state for state in State},
}


def life() -> Mapping[tuple[State, Step], State]:
    """Return the whole life of a case; what is not in the table cannot happen."""
    return _LIFE


def trace_of(key: str) -> str:
    """Return a trace id for a message that came without one: the same at every repeat."""
    return hashlib.sha256(key.encode()).hexdigest()[:32]


def is_case_key(text: str) -> bool:
    """Say whether a text can be the key of a case; no other is looked up."""
    return _KEY.fullmatch(text) is not None


class Case(NamedTuple):
    """One application in our hands; the person's data are kept apart, encrypted.

    `key` is the application number, or `division/local_serial`. Instants are UTC, `due_on` is a
    Beijing date, None while unknown. `version` counts changes, `revision` is that of the latest
    outcome (0: none yet), `dispatches` counts dispatch numbers given out, `chain` is the head of
    the history. The triple (revision, dispatches, rank of state) never goes back.

    A tuple, as what is made for every message: a frozen dataclass costs four times as much to make
    and to change.
    """

    key: str
    state: State
    version: int
    revision: int
    place_basis: str
    place_division: str
    agency: str | None
    dispatch_no: str | None
    dispatches: int
    policy: str
    submitted_at: datetime
    accepted_at: datetime
    changed_at: datetime
    due_on: date | None
    due_rule: str
    hold_reason: str | None
    findings: tuple[str, ...]
    trace_id: str
    chain: str

    @property
    def is_local(self) -> bool:
        """Whether it was accepted by its agency itself (本地受理): it was never dispatched."""
        return self.agency is not None and self.dispatches == 0


class HistoryEntry(NamedTuple):
    """One step in a case's life; `chain` covers the entry and everything before it."""

    key: str
    seq: int
    at: datetime
    step: Step
    state: State
    actor: str
    note: str | None
    chain: str


class Change(NamedTuple):
    """A case after a step, and the entry that says so; stored together or not at all."""

    case: Case
    entry: HistoryEntry


def begin(case: Case, actor: str, note: str | None) -> Change:
    """Return a new case with the first entry of its history."""
    chain = chain_hash(
        "", case.key, case.version, case.changed_at, Step.ACCEPT, case.state, actor, note
    )
    entry = HistoryEntry(
        case.key, case.version, case.changed_at, Step.ACCEPT, case.state, actor, note, chain
    )
    return Change(case._replace(chain=chain), entry)


class CaseChanges(TypedDict, total=False):
    """What a step may change of a case beside its state, version, time and chain."""

    revision: int
    place_basis: str
    place_division: str
    agency: str | None
    dispatch_no: str | None
    dispatches: int
    policy: str
    submitted_at: datetime
    due_on: date | None
    due_rule: str
    hold_reason: str | None
    findings: tuple[str, ...]
    trace_id: str


def advance(
    case: Case,
    step: Step,
    *,
    at: datetime,
    actor: str,
    note: str | None = None,
    **changes: Unpack[CaseChanges],
) -> Change:
    """Return `case` after `step`, with `changes` to its other fields.

    Raises:
        IllegalStep: The life of a case has no such edge.
    """
    target = _LIFE.get((case.state, step))
    if target is None:
        raise IllegalStep(case.key, case.state, step)
    version = case.version + 1
    chain = chain_hash(case.chain, case.key, version, at, step, target, actor, note)
    moved = case._replace(state=target, version=version, changed_at=at, chain=chain, **changes)
    entry = HistoryEntry(case.key, version, at, step, target, actor, note, chain)
    return Change(moved, entry)


def chain_hash(previous: str, *facts: object) -> str:
    """Return the hash that ties an entry to all before it (SHA-256, hexadecimal).

    Instants among the facts are in UTC: JSON has them as `isoformat` writes them.
    """
    return hashlib.sha256(orjson.dumps([previous, *facts])).hexdigest()
