"""待发规则: for each kind of message, its whole body and what its sending does to the case."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from gateway.domain.case import Case, Change, State, Step, advance
from gateway.domain.dispatch import (
    complete_dispatch,
    delivered,
    may_be_resent,
    refused,
    resent,
)
from gateway.domain.portal_return import not_taken, receipt_key, taken
from gateway.domain.receipts import ExpectedReceipt, ReceiptKind
from gateway.errors import PeerRefused
from schemas.records.application_returns import ApplicationReturn
from schemas.records.base import WireModel
from schemas.records.deregistrations import Deregistration
from schemas.records.dispatches import Dispatch
from schemas.records.outcomes import Outcome
from schemas.records.registrations import LocalRegistration

REFUSED_AFTER_SILENCE: Final = "peer.refused-after-silence"
"""Code of a message that was refused after an attempt without an answer, in words that may mean
«already there»: what became of it is for a person to find out."""
_CONFLICT: Final = ".conflict"


def refusal_code(problem: str, attempts: int) -> str:
    """Return the code under which a refused message waits for a person.

    A peer that says of a repeat that it is there already, but not in the words of the contract
    (`duplicate`), refuses it with a code that nobody knows, or as a conflict.
    """
    foreign = problem == PeerRefused.code or problem.endswith(_CONFLICT)
    return REFUSED_AFTER_SILENCE if foreign and attempts > 1 else problem


class MessageKind(StrEnum):
    """What the outbox sends."""

    DISPATCH = "dispatch"  # 分派单, to an agency
    REPORT = "report"  # 审核结果, to the national side
    REGISTRATION = "registration"  # 本地受理登记, to the national side
    DEREGISTRATION = "deregistration"  # 失业登记注销, to the national side
    APPLICATION_RETURN = "application-return"  # 退回部端, to the national side


@dataclass(frozen=True, slots=True)
class Sending:
    """A message that reached its peer at `at` (UTC), whatever the peer made of it."""

    number: str
    revision: int
    peer: str
    at: datetime


@dataclass(frozen=True, slots=True)
class OutboxRule:
    """What holds for one kind of message.

    `complete` makes the whole body of what is kept and of the application as received; `expected`
    says what the receipt for it must be, by case, number, revision and bytes sent; `received`
    and `refused` return what the peer's answer does to the case, None where it does nothing.
    `may_be_resent` says whether a parked message is still wanted, `resent` what it does to the
    case that somebody has it sent again.
    """

    complete: Callable[[bytes, bytes | None], bytes]
    expected: Callable[[str, str, int, bytes], ExpectedReceipt]
    received: Callable[[Case, Sending], Change | None]
    refused: Callable[[Case, Sending, str], Change | None]
    may_be_resent: Callable[[Case, Sending], bool]
    resent: Callable[[Case, str, datetime], Change | None]


def _reported(case: Case, sent: Sending) -> Change | None:
    """A report moves the case unless a correction was decided since: the next one goes out then."""
    if sent.revision != case.revision or case.state is not State.DECIDED:
        return None
    return advance(case, Step.REPORT, at=sent.at, actor=sent.peer)


def _nothing(_case: Case, _sent: Sending) -> None:
    """The decision was reported before, and stands."""


def _upload(
    kind: ReceiptKind,
    read: Callable[[bytes], WireModel],
    received: Callable[[Case, Sending], Change | None],
) -> OutboxRule:
    """Return what holds for a record that goes to the national side as it was received.

    Its case stays as it is while a refused one is parked, for a person.
    """
    return OutboxRule(
        complete=lambda body, _application: body,
        expected=lambda case_key, _number, revision, sent: ExpectedReceipt(
            kind, case_key, revision, case_key, sent, read
        ),
        received=received,
        refused=lambda _case, _sent, _code: None,
        may_be_resent=lambda _case, _sent: True,
        resent=lambda _case, _actor, _at: None,
    )


OUTBOX_RULES: Final[Mapping[MessageKind, OutboxRule]] = MappingProxyType(
    {
        MessageKind.DISPATCH: OutboxRule(
            complete=complete_dispatch,
            expected=lambda case_key, number, _revision, sent: ExpectedReceipt(
                "dispatch", number, 1, case_key, sent, Dispatch.read
            ),
            received=lambda case, sent: delivered(case, sent.number, agency=sent.peer, at=sent.at),
            refused=lambda case, sent, code: refused(
                case,
                sent.number,
                agency=sent.peer,
                code=code,
                at=sent.at,
                confirmed=code != REFUSED_AFTER_SILENCE,
            ),
            may_be_resent=lambda case, sent: may_be_resent(case, sent.number),
            resent=lambda case, actor, at: resent(case, actor=actor, at=at),
        ),
        MessageKind.REPORT: _upload("outcome", Outcome.read, _reported),
        MessageKind.REGISTRATION: _upload("registration", LocalRegistration.read, _reported),
        MessageKind.DEREGISTRATION: _upload("deregistration", Deregistration.read, _nothing),
        MessageKind.APPLICATION_RETURN: OutboxRule(
            complete=lambda body, _application: body,
            expected=lambda case_key, _number, revision, sent: ExpectedReceipt(
                *("application-return", receipt_key(case_key), revision, case_key),
                *(sent, ApplicationReturn.read),
            ),
            received=lambda case, sent: taken(case, by=sent.peer, at=sent.at),
            refused=lambda case, sent, code: not_taken(case, code, by=sent.peer, at=sent.at),
            may_be_resent=lambda _case, _sent: False,  # whoever wants it still, returns it anew
            resent=lambda _case, _actor, _at: None,
        ),
    }
)
