"""审核结果: record an agency's outcomes, each with its own answer, and enqueue their reports.

Answered only once it is on disk.

Source: 人社厅发〔2020〕3号 art. 7.
"""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from gateway.domain.case import Case, Change, Step, advance
from gateway.domain.decision import decision_note
from gateway.domain.dispatch import names_dispatch_of
from gateway.domain.item_answer import ItemAnswer
from gateway.domain.outbox_rules import MessageKind
from gateway.domain.outcome_rules import (
    UNKNOWN,
    is_in_charge,
    is_refusal_due,
    objection,
    refusal_noted,
)
from gateway.flows.batch import (
    BatchItem,
    RecordKind,
    Turn,
    answer_repeat,
    conflicting,
    not_now,
    record_batch,
    upload,
)
from gateway.flows.failpoints import Failpoint, FailpointHook, no_hook
from gateway.ports.ledger import Ledger
from gateway.ports.quarantine import QuarantinedItem
from gateway.ports.store import Store
from schemas.records.outcomes import Outcome
from schemas.records.receipts import ItemStatus
from schemas.records.strict_json import RawItem
from schemas.reference.clock import Now

_OUTCOMES: Final = RecordKind(
    "outcome",
    Outcome.read,
    lambda outcome: (outcome.key, outcome.revision),
    Failpoint.OUTCOME_RECEIVED,
    Failpoint.OUTCOME_WRITTEN,
    Failpoint.OUTCOME_STORED,
)


@dataclass(frozen=True, slots=True)
class _Refused:
    """An outcome that is not taken, the case it is about, and why."""

    item: BatchItem[Outcome]
    case: Case
    code: str


async def record_outcomes(
    items: Sequence[RawItem],
    *,
    sender: str,
    store: Store,
    now: Now,
    hook: FailpointHook = no_hook,
) -> tuple[ItemAnswer, ...]:
    """Record outcomes from the agency `sender` and return one answer per item, in order.

    Raises:
        StoreUnavailable, MessageReplayed: Nothing was stored.
    """
    record = partial(_record, sender=sender)
    return await record_batch(
        items, _OUTCOMES, record, sender=sender, store=store, now=now, hook=hook
    )


def _record(
    ledger: Ledger, turn: Turn[Outcome], at: datetime, *, sender: str
) -> list[tuple[int, ItemAnswer]]:
    cases = ledger.cases.read(sorted({one.key.key for _, one in turn}))
    unreadable = ledger.cases.unreadable
    maybe_repeats = [
        one.key
        for _, one in turn
        if one.key.key in unreadable or _may_repeat(one, cases.get(one.key.key), sender)
    ]
    given = _given_to(ledger, turn, cases, sender)
    known = ledger.inbox.find(maybe_repeats) if maybe_repeats else {}
    answers: list[tuple[int, ItemAnswer]] = []
    decided: list[tuple[BatchItem[Outcome], Change]] = []
    refused: list[_Refused] = []
    conflicts: list[QuarantinedItem] = []
    for place, one in turn:
        case = cases.get(one.key.key)
        entry = known.get(one.key)
        if entry is not None:
            answer = answer_repeat(one, entry)
            answers.append((place, answer))
            refused.extend(_refused(one, case, answer))
            conflicts.extend(conflicting(one, entry, at))
        elif one.key.key in unreadable and _is_of_a_dispatch(one, given):
            answers.append((place, not_now()))
        elif wrong := objection(
            one.record, case, sender, at=at, was_given=one.record.dispatch_no in given
        ):
            answer = ItemAnswer.refusal(*wrong)
            answers.append((place, answer))
            refused.extend(_refused(one, None if wrong == UNKNOWN else case, answer))
        elif case is not None:
            decided.append((one, _decided(case, one, sender, at)))
            answers.append((place, one.answer(ItemStatus.ACCEPTED, one.entry.receipt)))
    ledger.quarantine.add(conflicts)
    _note_refusals(ledger, refused, sender, at)
    if decided:
        ledger.cases.save([change for _, change in decided])
        ledger.inbox.record({one.key: one.entry for one, _ in decided}, at)
        ledger.outbox.enqueue([upload(one, MessageKind.REPORT, at) for one, _ in decided])
    return answers


def _may_repeat(one: BatchItem[Outcome], case: Case | None, sender: str) -> bool:
    """A revision beyond that of the sender's case cannot have been taken before.

    What the sender is not in charge of is looked up in any case: the time that the answer takes
    shall not tell whether there is such a case.
    """
    return case is None or not is_in_charge(case, sender) or one.key.revision <= case.revision


def _given_to(
    ledger: Ledger, turn: Turn[Outcome], cases: Mapping[str, Case], sender: str
) -> set[str]:
    """Return the dispatches that were once the sender's, of cases it is not in charge of now."""
    strange = {
        one.key.key
        for _, one in turn
        if one.record.dispatch_no and not is_in_charge(cases.get(one.key.key), sender)
    }
    return ledger.outbox.dispatches_to(sender, sorted(strange))


def _is_of_a_dispatch(one: BatchItem[Outcome], given: AbstractSet[str]) -> bool:
    """Say whether an outcome names a dispatch of its own case, one that was once its sender's.

    Only then may the sender know that there is such a case.
    """
    number = one.record.dispatch_no
    return number in given and number is not None and names_dispatch_of(one.key.key, number)


def _refused(one: BatchItem[Outcome], case: Case | None, answer: ItemAnswer) -> Iterator[_Refused]:
    if case is not None and answer.refused is not None:
        yield _Refused(one, case, answer.refused.code)


def _note_refusals(ledger: Ledger, refused: Sequence[_Refused], sender: str, at: datetime) -> None:
    """Enter refused decisions into the histories of their cases, for whoever asks what became."""
    if not refused:
        return
    noted = ledger.cases.notes([one.case.key for one in refused], actor=sender)
    changes = []
    for one in refused:
        fingerprint = ledger.cases.fingerprint(one.item.entry.digest)
        if is_refusal_due(noted[one.case.key], fingerprint=fingerprint, code=one.code):
            changes.append(
                refusal_noted(
                    one.case,
                    code=one.code,
                    revision=one.item.key.revision,
                    fingerprint=fingerprint,
                    sender=sender,
                    at=at,
                )
            )
    ledger.cases.save(changes)


def _decided(case: Case, one: BatchItem[Outcome], sender: str, at: datetime) -> Change:
    return advance(
        case,
        Step.DECIDE,
        at=at,
        actor=sender,
        note=decision_note(one.record),
        revision=one.key.revision,
        hold_reason=None,
    )
