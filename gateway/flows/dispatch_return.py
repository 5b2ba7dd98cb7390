"""退回: take back the dispatches that agencies return, each with its own answer.

The case waits on the desk's queue from then on. Answered only once it is on disk.

Source: 豫人社办〔2020〕35号 annex 1 nos. 1, 2.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Final

from gateway.domain.case import Change
from gateway.domain.dispatch import names_dispatch_of
from gateway.domain.item_answer import ItemAnswer
from gateway.domain.outbox_rules import MessageKind
from gateway.domain.return_rules import given_back, objection
from gateway.flows.batch import (
    BatchItem,
    RecordKind,
    Turn,
    answer_repeat,
    conflicting,
    not_now,
    record_batch,
)
from gateway.flows.failpoints import Failpoint, FailpointHook, no_hook
from gateway.ports.entry_texts import EntryText
from gateway.ports.ledger import Ledger
from gateway.ports.quarantine import QuarantinedItem
from gateway.ports.store import Store
from gateway.ports.superseded import Superseded
from schemas.records.receipts import ItemStatus
from schemas.records.returns import DispatchReturn
from schemas.records.strict_json import RawItem
from schemas.reference.clock import Now

_RETURNS: Final = RecordKind(
    "return",
    DispatchReturn.read,
    lambda record: (record.dispatch_no, 1),
    Failpoint.RETURN_RECEIVED,
    Failpoint.RETURN_WRITTEN,
    Failpoint.RETURN_STORED,
)


async def record_returns(
    items: Sequence[RawItem],
    *,
    sender: str,
    store: Store,
    now: Now,
    hook: FailpointHook = no_hook,
) -> tuple[ItemAnswer, ...]:
    """Take back dispatches that the agency `sender` returns; one answer per item, in order.

    Raises:
        StoreUnavailable, MessageReplayed: Nothing was stored.
    """
    record = partial(_record, sender=sender)
    return await record_batch(
        items, _RETURNS, record, sender=sender, store=store, now=now, hook=hook
    )


def _record(
    ledger: Ledger, turn: Turn[DispatchReturn], at: datetime, *, sender: str
) -> list[tuple[int, ItemAnswer]]:
    """Take what may be taken of items about different dispatches.

    Everything is looked up for every item: the time that the answer takes shall not tell whether
    there is such a case.
    """
    keys = _cases_of(ledger, turn, sender)
    wanted = sorted(set(keys.values()))
    cases = ledger.cases.read(wanted)
    given = ledger.outbox.dispatches_to(sender, wanted)
    known = ledger.inbox.find([one.key for _, one in turn])
    answers: list[tuple[int, ItemAnswer]] = []
    taken: list[tuple[BatchItem[DispatchReturn], Change]] = []
    conflicts: list[QuarantinedItem] = []
    for place, one in turn:
        record, entry = one.record, known.get(one.key)
        number = record.dispatch_no
        key = keys.get(number, "")
        case = cases.get(key)
        was_given = number in given and names_dispatch_of(key, number)
        if entry is not None:
            answers.append((place, answer_repeat(one, entry)))
            conflicts.extend(replace(item, key=key) for item in conflicting(one, entry, at))
        elif key in ledger.cases.unreadable and was_given:
            answers.append((place, not_now()))
        elif wrong := objection(record, case, sender, was_given=was_given):
            answers.append((place, ItemAnswer.refusal(*wrong)))
        elif case is not None:
            taken.append((one, given_back(case, record, sender=sender, at=at)))
            answers.append((place, one.answer(ItemStatus.ACCEPTED, one.entry.receipt)))
    ledger.quarantine.add(conflicts)
    _take(ledger, taken, at)
    return answers


def _take(
    ledger: Ledger, taken: Sequence[tuple[BatchItem[DispatchReturn], Change]], at: datetime
) -> None:
    """Hold the cases; what was not sent yet, or is just being sent, is not waited for any more."""
    if not taken:
        return
    ledger.outbox.cancel(sorted(change.case.key for _, change in taken), MessageKind.DISPATCH, at)
    ledger.cases.save([change for _, change in taken])
    ledger.superseded.add(
        [
            Superseded(one.key.source, one.record.dispatch_no, change.case.key, at)
            for one, change in taken
        ]
    )
    ledger.entry_texts.add(
        [
            EntryText(change.case.key, change.entry.seq, one.record.note)
            for one, change in taken
            if one.record.note is not None
        ]
    )
    ledger.inbox.record({one.key: one.entry for one, _ in taken}, at)


def _cases_of(ledger: Ledger, turn: Turn[DispatchReturn], sender: str) -> dict[str, str]:
    """Return the keys of the cases that returns are about, by dispatch number.

    Where a return does not name its application, only what is undecided or over is found: the
    number of a dispatch is a hash, and no index holds all that was ever sent.
    """
    named = {one.record.dispatch_no: one.record.application_no for _, one in turn}
    unnamed = [number for number, key in named.items() if key is None]
    over = ledger.superseded.among(sender, unnamed)
    current = ledger.cases.undecided_by_dispatch(sender, unnamed)
    return {**over, **current, **{number: key for number, key in named.items() if key is not None}}
