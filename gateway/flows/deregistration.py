"""失业登记注销: record that registrations ended, and enqueue it for the national side.

What was decided stays decided; the end stands in the history of its case. Who is still to be told
is listed until a later revision brings the notice.

Source: 人社厅发〔2020〕3号 art. 5.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Final

from gateway.domain.case import Change
from gateway.domain.dated_rules import DatedRules
from gateway.domain.deregistration_rules import (
    RegistrationInForce,
    deregistered,
    notice_due_on,
    objection,
)
from gateway.domain.intake_rules import Rules
from gateway.domain.item_answer import ItemAnswer
from gateway.domain.outbox_rules import MessageKind
from gateway.flows.batch import (
    BatchItem,
    RecordKind,
    Turn,
    answer_repeats,
    not_now,
    record_batch,
    upload,
)
from gateway.flows.failpoints import Failpoint, FailpointHook, no_hook
from gateway.ports.ledger import Ledger
from gateway.ports.notices import NoticeDue
from gateway.ports.outbox import SentRecord
from gateway.ports.store import Store
from schemas.records.deregistrations import Deregistration
from schemas.records.outcomes import Outcome
from schemas.records.receipts import ItemStatus
from schemas.records.registrations import LocalRegistration
from schemas.records.strict_json import RawItem
from schemas.reference.clock import Now, beijing_date

_Item = BatchItem[Deregistration]
_DEREGISTRATIONS: Final = RecordKind(
    "deregistration",
    Deregistration.read,
    lambda one: (one.key, one.revision),
    Failpoint.DEREGISTRATION_RECEIVED,
    Failpoint.DEREGISTRATION_WRITTEN,
    Failpoint.DEREGISTRATION_STORED,
)


@dataclass(slots=True)
class _Recorded:
    """What one turn of a batch writes, collected item by item."""

    answers: list[tuple[int, ItemAnswer]]
    taken: list[_Item] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)


async def record_deregistrations(
    items: Sequence[RawItem],
    *,
    sender: str,
    store: Store,
    rules: DatedRules,
    now: Now,
    hook: FailpointHook = no_hook,
) -> tuple[ItemAnswer, ...]:
    """Record deregistrations of the agency `sender` and return one answer per item, in order.

    Raises:
        StoreUnavailable, MessageReplayed: Nothing was stored.
    """
    record = partial(_record, sender=sender, dated_rules=rules)
    return await record_batch(
        items, _DEREGISTRATIONS, record, sender=sender, store=store, now=now, hook=hook
    )


def _record(
    ledger: Ledger,
    turn: Turn[Deregistration],
    at: datetime,
    *,
    sender: str,
    dated_rules: DatedRules,
) -> list[tuple[int, ItemAnswer]]:
    rules = dated_rules.on(beijing_date(at))
    keys = sorted({one.key.key for _, one in turn})
    cases, unreadable = ledger.cases.read(keys), ledger.cases.unreadable
    uploads = ledger.outbox.newest_uploads(keys)
    answers, new = answer_repeats(ledger, turn, at)
    done = _Recorded(answers)
    for place, one in new:
        case = cases.get(one.key.key)
        registered = _registered(uploads.get(one.key.key, ()))
        if one.key.key in unreadable:
            done.answers.append((place, not_now()))
        elif wrong := objection(one.record, case, registered, sender, rules=rules, at=at):
            done.answers.append((place, ItemAnswer.refusal(*wrong)))
        elif case is not None:
            done.taken.append(one)
            done.changes.append(deregistered(case, one.record, sender, at))
            done.answers.append((place, one.answer(ItemStatus.ACCEPTED, one.entry.receipt)))
    _write(ledger, done, sender, rules, at)
    return done.answers


def _registered(uploads: Sequence[SentRecord]) -> RegistrationInForce:
    """Return the registration of a case by what was last handed to the national side."""
    by_kind: Mapping[MessageKind, SentRecord] = {one.kind: one for one in uploads}
    ended = by_kind.get(MessageKind.DEREGISTRATION)
    decided = [one for one in uploads if one.kind is not MessageKind.DEREGISTRATION]
    newest = max(decided, key=lambda one: one.revision, default=None)
    outcome = None if newest is None or not newest.body else _outcome(newest)
    return RegistrationInForce(outcome, 0 if ended is None else ended.revision)


def _outcome(upload: SentRecord) -> Outcome:
    if upload.kind is MessageKind.REGISTRATION:
        return LocalRegistration.read(upload.body).outcome
    return Outcome.read(upload.body)


def _write(ledger: Ledger, done: _Recorded, sender: str, rules: Rules, at: datetime) -> None:
    if not done.taken:
        return
    ledger.cases.save(done.changes)
    ledger.inbox.record({one.key: one.entry for one in done.taken}, at)
    ledger.outbox.enqueue([upload(one, MessageKind.DEREGISTRATION, at) for one in done.taken])
    due = [one.record for one in done.taken if one.record.notice_due]
    ledger.notices.close([one.key.key for one in done.taken if not one.record.notice_due])
    ledger.notices.record(
        [NoticeDue(one.key, sender, one.ground, notice_due_on(one, rules)) for one in due]
    )
