"""样板办件: a case taken all the way by the domain itself, which past cases are made after."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bench.outcome_requests import outcome_of
from duijie.demo.agencies import StandIn
from gateway.adapters.ledger.case_rows import CaseRow, case_row
from gateway.domain.case import Case, Change, HistoryEntry, Step, advance
from gateway.domain.dispatch import delivered, refused, resent
from gateway.domain.intake_rules import Accepted, Rules, accept
from gateway.ports import PORTAL
from schemas.records.applications import ForwardedApplication

A_STEP: Final = timedelta(minutes=7)
_OPERATOR: Final = "operator:模拟"


@dataclass(frozen=True, slots=True)
class ModelCase:
    """One case that went all the way, which others are made after by exchanging what is theirs."""

    number: str
    dispatch_no: str
    accepted_at: datetime
    person: str
    content: bytes
    head: bytes
    outcome: bytes
    row: CaseRow
    history: tuple[HistoryEntry, ...]


def model_case(
    application: ForwardedApplication, agency: StandIn, *, rules: Rules, at: datetime
) -> ModelCase:
    """Return the case of an application accepted at `at`: decided and reported in the end."""
    item = application.model_copy(update={"submitted_at": at, "forwarded_at": at})
    accepted = accept(item, rules=rules, at=at)
    changes = _life(accepted)
    case = changes[-1].case
    return ModelCase(
        number=case.key,
        dispatch_no=case.dispatch_no or "",
        accepted_at=at,
        person=item.certificate_no,
        content=item.wire(),
        head=accepted.dispatch_head() or b"",
        outcome=outcome_of(case.key, agency, changes[-2].entry.at).wire(),
        row=case_row(case),
        history=tuple(change.entry for change in changes),
    )


def _life(accepted: Accepted) -> list[Change]:
    """Return every change of a case, from its first to its last."""
    agency, number = accepted.case.agency or "", accepted.case.dispatch_no or ""
    steps: tuple[Callable[[Case, datetime], Change | None], ...] = (
        lambda case, at: refused(case, number, agency=agency, code="message.invalid", at=at),
        lambda case, at: resent(case, actor=_OPERATOR, at=at),
        lambda case, at: delivered(case, number, agency=agency, at=at),
        lambda case, at: advance(case, Step.DECIDE, at=at, actor=agency, revision=1),
        lambda case, at: advance(case, Step.REPORT, at=at, actor=PORTAL),
    )
    changes = [accepted.change]
    for turn, step in enumerate(steps, 1):
        change = step(changes[-1].case, accepted.case.accepted_at + turn * A_STEP)
        if change is None:
            raise RuntimeError(f"{accepted.case.key}: step {turn} changed nothing")
        changes.append(change)
    return changes
