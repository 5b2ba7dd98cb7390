"""本地受理登记: record what an agency registered itself, and enqueue it for the national side.

A registration comes decided: its case opens and is decided in one transaction, and answered only
once that is on disk. A later revision replaces the form and the decision. A person who has applied
through the national entry as well is noted in both cases, and neither is dropped.

Source: 人社厅发〔2020〕3号 art. 7.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Final

from gateway.domain.case import Case, Change
from gateway.domain.dated_rules import DatedRules
from gateway.domain.intake_rules import Rules
from gateway.domain.item_answer import ItemAnswer
from gateway.domain.outbox_rules import MessageKind
from gateway.domain.registration_rules import corrected, linked, objection, opened
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
from gateway.ports.cases import Opening
from gateway.ports.ledger import Ledger
from gateway.ports.store import Store
from schemas.records.receipts import ItemStatus
from schemas.records.registrations import LocalRegistration
from schemas.records.strict_json import RawItem
from schemas.reference.clock import Now, beijing_date

_Item = BatchItem[LocalRegistration]
_REGISTRATIONS: Final = RecordKind(
    "registration",
    LocalRegistration.read,
    lambda one: (one.key, one.outcome.revision),
    Failpoint.REGISTRATION_RECEIVED,
    Failpoint.REGISTRATION_WRITTEN,
    Failpoint.REGISTRATION_STORED,
)


@dataclass(slots=True)
class _Recorded:
    """What one turn of a batch writes, collected item by item."""

    answers: list[tuple[int, ItemAnswer]]
    taken: list[_Item] = field(default_factory=list)
    openings: list[Opening] = field(default_factory=list)
    decided: list[Change] = field(default_factory=list)
    corrections: list[Opening] = field(default_factory=list)


async def record_registrations(
    items: Sequence[RawItem],
    *,
    sender: str,
    store: Store,
    rules: DatedRules,
    now: Now,
    hook: FailpointHook = no_hook,
) -> tuple[ItemAnswer, ...]:
    """Record local registrations of the agency `sender`; return one answer per item, in order.

    Raises:
        StoreUnavailable, MessageReplayed: Nothing was stored.
    """
    record = partial(_record, sender=sender, dated_rules=rules)
    return await record_batch(
        items, _REGISTRATIONS, record, sender=sender, store=store, now=now, hook=hook
    )


def _record(
    ledger: Ledger,
    turn: Turn[LocalRegistration],
    at: datetime,
    *,
    sender: str,
    dated_rules: DatedRules,
) -> list[tuple[int, ItemAnswer]]:
    rules = dated_rules.on(beijing_date(at))
    cases = ledger.cases.read(sorted({one.key.key for _, one in turn}))
    unreadable = ledger.cases.unreadable
    answers, new = answer_repeats(ledger, turn, at)
    done = _Recorded(answers)
    for place, one in new:
        case = cases.get(one.key.key)
        if wrong := objection(one.record, case, sender, rules=rules, at=at):
            done.answers.append((place, ItemAnswer.refusal(*wrong)))
        elif one.key.key in unreadable:
            done.answers.append((place, not_now()))
        else:
            _take(done, one, case, sender, rules, at)
            done.answers.append((place, one.answer(ItemStatus.ACCEPTED, one.entry.receipt)))
    _write(ledger, done, sender, at)
    return done.answers


def _take(
    done: _Recorded, one: _Item, case: Case | None, sender: str, rules: Rules, at: datetime
) -> None:
    """Open the case of a new key, decided; replace form and decision of a known one."""
    subject = one.record.person.certificate_no
    done.taken.append(one)
    if case is None:
        first, decided = opened(one.record, sender, rules=rules, at=at)
        done.openings.append(Opening(first, one.content, subject))
        done.decided.append(decided)
    else:
        change = corrected(case, one.record, sender, rules=rules, at=at)
        done.corrections.append(Opening(change, one.content, subject))


def _write(ledger: Ledger, done: _Recorded, sender: str, at: datetime) -> None:
    if not done.taken:
        return
    ledger.cases.open(done.openings)
    ledger.cases.save(done.decided)
    ledger.cases.replace_contents(done.corrections)
    ledger.inbox.record({one.key: one.entry for one in done.taken}, at)
    ledger.outbox.enqueue([upload(one, MessageKind.REGISTRATION, at) for one in done.taken])
    current = [*done.decided, *(one.change for one in done.corrections)]
    _link(ledger, {change.case.key: change.case for change in current}, sender, at)


def _link(ledger: Ledger, local: Mapping[str, Case], sender: str, at: datetime) -> None:
    """Note in the cases of one person that there are two ways under way; a few at most."""
    others = ledger.cases.open_of_same_person(sorted(local))
    applied = ledger.cases.read(sorted({key for keys in others.values() for key in keys}))
    now = {**applied, **local}
    changes: list[Change] = []
    for key, keys in sorted(others.items()):
        for change in linked(now[key], [now[one] for one in keys if one in applied], sender, at):
            now[change.case.key] = change.case
            changes.append(change)
    ledger.cases.save(changes)
