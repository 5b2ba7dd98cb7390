"""入库: store a page of forwarded items, whichever way it came, in one transaction.

Order: read → screen → route → due date → open the case → enqueue the dispatch. A repeat meets the
inbox; what cannot be read is kept raw and held, and the other items go on. Download and push meet
here, so that an item that comes both ways is stored once.

Source: 人社厅发〔2020〕3号 art. 7 and annex 3 (失业登记申请信息下载).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.domain.case import Case, Step, advance
from gateway.domain.dated_rules import DatedRules
from gateway.domain.feed_items import (
    UNREADABLE,
    UNREADABLE_CASE,
    FeedKind,
    Received,
    Unreadable,
    receive,
)
from gateway.domain.intake_rules import (
    Accepted,
    accept,
    hold_unreadable,
    may_be_readmitted,
    readmit,
)
from gateway.domain.outbox_rules import MessageKind
from gateway.domain.portal_return import forwarded_again
from gateway.flows.failpoints import Failpoint, FailpointHook
from gateway.flows.page_changes import PageChanges, idempotency_key, inbox_entry
from gateway.flows.page_result import IngestedItem
from gateway.flows.superseding import superseded_dispatch
from gateway.ports import PORTAL
from gateway.ports.cases import Opening
from gateway.ports.inbox import IdempotencyKey
from gateway.ports.ledger import Ledger
from gateway.ports.store import Store
from schemas.records.applications import ForwardedApplication
from schemas.records.strict_json import RawItem
from schemas.reference.clock import Now, beijing_date


@dataclass(frozen=True, slots=True)
class StoredPage:
    """A page that was committed: its items in order, and what became of each.

    `unkept` are the numbers of items that are stored nowhere, since there is no room for them.
    """

    at: datetime
    received: tuple[Received, ...]
    changes: PageChanges
    unkept: set[str | None]


async def store_page(
    items: Sequence[RawItem], *, store: Store, rules: DatedRules, now: Now, hook: FailpointHook
) -> StoredPage:
    """Store the items of a page.

    Raises:
        StoreUnavailable, MessageReplayed: Nothing was stored.
    """
    at = now()
    rules_then = rules.on(beijing_date(at))
    received = tuple(receive(raw) for raw in items)
    accepted = {
        id(one): accept(one.item, rules=rules_then, at=at)
        for one in received
        if isinstance(one.item, ForwardedApplication)
    }
    hook(Failpoint.PAGE_SCREENED)

    def work(ledger: Ledger) -> StoredPage:
        changes = PageChanges(at, rules_then)
        _ingest_applications(ledger, changes, received, accepted)
        _ingest_unreadable(ledger, changes, received)
        _ingest_withdrawals(ledger, changes, received)
        _hold_forwarded_again(ledger, changes)
        ledger.day_book.enter(changes.passed)
        ledger.quarantine.keep(changes.kept)
        without_room = ledger.quarantine.add(changes.quarantined)
        changes.refuse_unkept(received, without_room)
        hook(Failpoint.PAGE_WRITTEN)
        return StoredPage(at, received, changes, changes.unkept(without_room))

    return await store.transact(work)


def _ingest_applications(
    ledger: Ledger,
    changes: PageChanges,
    received: Sequence[Received],
    accepted: dict[int, Accepted],
) -> None:
    """Open a case for each application seen for the first time; keep the first content for ever."""
    new = _new_ones(ledger, changes, received, "application")
    if not new:
        return
    held = ledger.cases.read(list(new))
    early = ledger.inbox.find([idempotency_key(key, "withdrawal") for key in new])
    unreadable = ledger.cases.unreadable
    for key, one in new.items():
        opened = accepted[id(one)]
        if key in unreadable or (key in held and not may_be_readmitted(held[key])):
            # its row is damaged; or a person, or a withdrawal, has moved it on meanwhile
            changes.add_repeat(idempotency_key(key, "application"), one, first=None)
        elif key in held:  # it was here once, unreadable; now it can be read
            changes.add_readmitted(readmit(opened, held[key], rules=changes.rules), one)
        else:
            changes.add_case(opened, one)
    ledger.cases.replace_contents(changes.readmitted)
    readmitted = sorted(one.change.case.key for one in changes.readmitted)
    ledger.outbox.cancel(readmitted, MessageKind.APPLICATION_RETURN, changes.at)
    ledger.cases.open(changes.openings)
    ledger.outbox.enqueue(changes.messages)
    _withdraw(ledger, changes, sorted(found.key for found in early))


def _ingest_unreadable(ledger: Ledger, changes: PageChanges, received: Sequence[Received]) -> None:
    """Keep what cannot be read, and hold a case for it under the number it seems to bear.

    Without a number, under its position: it comes no second time once that is acknowledged.
    """
    unreadable = [(one, one.item) for one in received if isinstance(one.item, Unreadable)]
    if not unreadable:
        return
    keys = sorted({item.case_key for _, item in unreadable if item.case_key})
    there = {*ledger.cases.read(keys), *ledger.cases.unreadable}
    openings: list[Opening] = []
    digests = [one.digest for one, _ in unreadable]
    first_kept = ledger.quarantine.first_kept(PORTAL, digests, UNREADABLE)
    for one, item in unreadable:
        key = item.case_key
        changes.add_unreadable(one, item, first_kept)
        opens = key is not None and item.may_be_application and key not in there
        if key is not None and opens:
            there.add(key)
            held = hold_unreadable(key, rules=changes.rules, at=changes.at)
            openings.append(Opening(held.change, one.content, None))
        elif item.number is not None:
            changes.again.setdefault(item.number, True)
        due_on = held.case.due_on if opens else None
        changes.rows.append(IngestedItem(key, None, None, due_on, UNREADABLE, repeated=not opens))
    ledger.cases.open(openings)
    changes.openings += openings


def _ingest_withdrawals(ledger: Ledger, changes: PageChanges, received: Sequence[Received]) -> None:
    """Withdraw cases that are not decided yet; one that came before its application waits.

    A withdrawal of a case that cannot be read is quarantined, for whoever repairs the row.
    """
    new = _new_ones(ledger, changes, received, "withdrawal")
    cases = _withdraw(ledger, changes, sorted(new))
    for key, one in sorted(new.items()):
        if key in ledger.cases.unreadable:
            changes.add_kept(one, key, UNREADABLE_CASE)
        changes.add_withdrawn(key, cases.get(key))


def _hold_forwarded_again(ledger: Ledger, changes: PageChanges) -> None:
    """Hold what went back, or goes, and came again: whoever filed it waits for somebody here."""
    if not changes.again:
        return
    cases = ledger.cases.read(sorted(changes.again))
    held = [
        change
        for key, case in cases.items()
        if (change := forwarded_again(case, differs=changes.again[key], at=changes.at))
    ]
    ledger.cases.save(held)
    back = sorted(one.case.key for one in held)
    ledger.outbox.cancel(back, MessageKind.APPLICATION_RETURN, changes.at)


def _withdraw(ledger: Ledger, changes: PageChanges, keys: Sequence[str]) -> Mapping[str, Case]:
    """Take the step on the cases there are among `keys`, and return them as they were before.

    The dispatch of a case that ends by it is over, and whoever may have it is told so where it
    asks (`superseded_hours`); one that this very page opened was never offered to anybody.

    Assumed: a withdrawal after the decision changes nothing, and stands in the history.
    """
    cases, at = ledger.cases.read(keys), changes.at
    steps = [
        advance(case, Step.WITHDRAW, at=at, actor="intake", hold_reason=None)
        for case in cases.values()
    ]
    ledger.cases.save(steps)
    ended = [one.case.key for one in steps if one.case.state is not cases[one.case.key].state]
    for kind in (MessageKind.DISPATCH, MessageKind.APPLICATION_RETURN):
        ledger.outbox.cancel(ended, kind, at)
    opened = changes.opened
    offered = (cases[key] for key in ended if key not in opened)
    over = [one for case in offered for one in superseded_dispatch(case, at)]
    ledger.superseded.add(over)
    return cases


def _new_ones(
    ledger: Ledger, changes: PageChanges, received: Sequence[Received], kind: FeedKind
) -> dict[str, Received]:
    """Return the items of `kind` never seen before, by application number.

    The same content again is a repeat; other content under the same number is quarantined, and
    the first is never overwritten.
    """
    first: dict[IdempotencyKey, Received] = {}
    again: list[tuple[IdempotencyKey, Received]] = []
    for one in received:
        if isinstance(one.item, Unreadable) or one.item.kind != kind:
            continue
        key = idempotency_key(one.item.application_no, kind)
        if key in first:
            again.append((key, one))
        else:
            first[key] = one
    if not first:
        return {}
    seen = {key: inbox_entry(key, one, changes.at) for key, one in first.items()}
    earlier = ledger.inbox.record(seen, changes.at)
    for key, one in first.items():
        if key not in earlier:
            changes.add_new(key, one, seen[key])
    again.extend((key, one) for key, one in first.items() if key in earlier)
    for key, one in again:
        changes.add_repeat(key, one, earlier.get(key) or seen[key])
    new = {key.key: one for key, one in first.items() if key not in earlier}
    for one in new.values():
        changes.add_passed(one)
    return new
