"""接收: take a page of forwarded applications over, store it, then acknowledge what is stored.

Order: read → screen → route → due date → open the case → owe the dispatch, all of a page in one
transaction; the acknowledgement leaves only after the commit. A repeat meets the inbox and is
acknowledged again; what cannot be read is kept raw and held, and the other items go on.

Source: 人社厅发〔2020〕3号 art. 7 and annex 3 (失业登记申请信息下载).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from gateway.domain.case import Step, advance
from gateway.domain.intake_rules import (
    UNREADABLE,
    Accepted,
    FeedKind,
    Received,
    Rules,
    Unreadable,
    accept,
    dispatch_head,
    hold_unreadable,
    may_be_readmitted,
    readmit,
    receive,
)
from gateway.domain.receipts import receipt
from gateway.domain.routing import Route
from gateway.errors import PageUnreadable
from gateway.flows.failpoints import Milestone, Reached, pass_by
from gateway.flows.page_result import Taken, Taking, taken
from gateway.ports import PORTAL
from gateway.ports.ledger import Ledger
from gateway.ports.messages import (
    InboxKey,
    Message,
    MessageKind,
    Opening,
    Remembered,
    SetAside,
)
from gateway.ports.peers import DownloadedPage, Portal
from gateway.ports.store import Store
from schemas.records.applications import ForwardedApplication
from schemas.records.receipts import Acknowledgement
from schemas.reference.clock import Now

__all__ = ["Rules", "Taken", "Taking", "take_over"]


@dataclass(slots=True)
class _Harvest:
    """A page on its way into the ledger."""

    at: datetime
    rules: Rules
    rows: list[Taken] = field(default_factory=list)
    aside: list[SetAside] = field(default_factory=list)
    openings: list[Opening] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)


async def take_over(  # noqa: PLR0913 -- limit and wait are parameters of the operation itself
    portal: Portal,
    *,
    store: Store,
    rules: Rules,
    now: Now,
    limit: int = 100,
    wait_s: int = 0,
    reached: Reached = pass_by,
) -> Taking:
    """Take one page over and return what became of each item.

    Args:
        portal: The national side.
        store: Where the ledger lives.
        rules: What screening, routing and due dates rest on.
        now: The time.
        limit: Items a page, 1 to 200.
        wait_s: How long the portal may hold the line while it has nothing, 0 to 30 seconds.
        reached: Told of each step.

    Raises:
        PeerUnavailable, PeerRefused: The portal; what was stored stays and is acknowledged again.
        StoreUnavailable: Nothing was stored, nothing acknowledged.
    """
    page = await _readable_page(portal, limit, wait_s)
    if not page.items:
        return Taking((), page.more)
    reached(Milestone.PAGE_RECEIVED)
    at = now()
    received = [receive(raw) for raw in page.items]
    accepted = {
        id(one): accept(one.item, rules=rules, at=at)
        for one in received
        if isinstance(one.item, ForwardedApplication)
    }
    reached(Milestone.PAGE_SCREENED)

    def work(ledger: Ledger) -> list[Taken]:
        harvest = _Harvest(at, rules)
        _take_applications(ledger, harvest, received, accepted)
        _take_unreadable(ledger, harvest, received)
        _take_withdrawals(ledger, harvest, received)
        ledger.set_aside(harvest.aside)
        reached(Milestone.PAGE_WRITTEN)
        return harvest.rows

    rows = await store.transact(work)
    reached(Milestone.PAGE_STORED)
    stored = _acknowledgements(received, at)
    if stored:
        await portal.acknowledge(stored)
    reached(Milestone.PAGE_ACKNOWLEDGED)
    return Taking(tuple(rows), page.more)


async def _readable_page(portal: Portal, limit: int, wait_s: int) -> DownloadedPage:
    """Download a page; one that cannot be taken apart is asked for again, half as long."""
    try:
        return await portal.download(limit=limit, wait_s=wait_s)
    except PageUnreadable:
        if limit == 1:
            raise
        return await _readable_page(portal, max(limit // 2, 1), 0)


def _take_applications(
    ledger: Ledger,
    harvest: _Harvest,
    received: Sequence[Received],
    accepted: dict[int, Accepted],
) -> None:
    """Open a case for each application seen for the first time; keep the first content for ever."""
    new = _new_ones(ledger, harvest, received, "application")
    if not new:
        return
    held = ledger.cases(list(new))
    early = ledger.remembered([_inbox_key(key, "withdrawal") for key in new])
    for key, one in new.items():
        opened = accepted[id(one)]
        if key in held and not may_be_readmitted(held[key]):
            _take_again(harvest, _inbox_key(key, "application"), one, first_digest="")
            continue  # a person, or a withdrawal, has moved it on meanwhile
        if key in held:  # it was here once, unreadable; now it can be read
            opened = readmit(opened, held[key], rules=harvest.rules)
            ledger.refill(_opening(opened, one))
        else:
            harvest.openings.append(_opening(opened, one))
        harvest.rows.append(taken(opened))
        if isinstance(opened.route, Route):
            harvest.messages.append(_dispatch(opened))
    ledger.open(harvest.openings)
    ledger.enqueue(harvest.messages)
    for key in sorted(found.key for found in early):
        _withdraw(ledger, key, harvest.at)


def _take_unreadable(ledger: Ledger, harvest: _Harvest, received: Sequence[Received]) -> None:
    """Keep what cannot be read, and hold a case for it under the number it seems to bear."""
    unreadable = [(one, one.item) for one in received if isinstance(one.item, Unreadable)]
    if not unreadable:
        return
    numbers = sorted({item.number for _, item in unreadable if item.number})
    there = set(ledger.cases(numbers))
    for one, item in unreadable:
        harvest.aside.append(_aside(harvest, one, item.number, UNREADABLE, item.fault))
        opens = item.number and item.kind == "application" and item.number not in there
        if item.number and opens:
            there.add(item.number)
            held = hold_unreadable(item.number, rules=harvest.rules, at=harvest.at)
            ledger.open([Opening(held.change, one.content, None)])
        due_on = held.case.due_on if opens else None
        harvest.rows.append(Taken(item.number, None, None, due_on, UNREADABLE, repeated=not opens))


def _take_withdrawals(ledger: Ledger, harvest: _Harvest, received: Sequence[Received]) -> None:
    """Withdraw cases that are not decided yet; one that came before its application waits."""
    for key in sorted(_new_ones(ledger, harvest, received, "withdrawal")):
        case = _withdraw(ledger, key, harvest.at)
        place, agency, due_on = case or (None, None, None)
        harvest.rows.append(Taken(key, place, agency, due_on, None, repeated=False))


def _withdraw(ledger: Ledger, key: str, at: datetime) -> tuple[str, str | None, date | None] | None:
    case = ledger.cases([key]).get(key)
    if case is None:
        return None
    change = advance(case, Step.WITHDRAW, at=at, actor="intake", hold_reason=None)
    ledger.save([change])
    if change.case.state is not case.state:
        ledger.cancel(key, MessageKind.DISPATCH, at)
    return case.place_division, case.agency, case.due_on


def _new_ones(
    ledger: Ledger, harvest: _Harvest, received: Sequence[Received], kind: FeedKind
) -> dict[str, Received]:
    """Return the items of `kind` never seen before, by application number.

    The same content again is a repeat; other content under the same number is set aside, and the
    first is never overwritten.
    """
    first: dict[InboxKey, Received] = {}
    again: list[tuple[InboxKey, Received]] = []
    for one in received:
        if isinstance(one.item, Unreadable) or one.item.kind != kind:
            continue
        key = _inbox_key(one.item.application_no, kind)
        if key in first:
            again.append((key, one))
        else:
            first[key] = one
    if not first:
        return {}
    seen = {key: _remembered(key, one, harvest.at) for key, one in first.items()}
    earlier = ledger.remember(seen, harvest.at)
    again.extend((key, one) for key, one in first.items() if key in earlier)
    for key, one in again:
        _take_again(harvest, key, one, (earlier.get(key) or seen[key]).digest)
    return {key.key: one for key, one in first.items() if key not in earlier}


def _take_again(harvest: _Harvest, key: InboxKey, one: Received, first_digest: str) -> None:
    conflict = f"{key.kind}.conflict"
    held = None
    if one.digest != first_digest:
        held = conflict
        detail = "other content under a number taken over before"
        harvest.aside.append(_aside(harvest, one, key.key, conflict, detail))
    harvest.rows.append(Taken(key.key, None, None, None, held, repeated=True))


def _opening(accepted: Accepted, one: Received) -> Opening:
    subject = one.item.certificate_no if isinstance(one.item, ForwardedApplication) else None
    return Opening(accepted.change, one.content, subject)


def _dispatch(accepted: Accepted) -> Message:
    case = accepted.case
    return Message(
        kind=MessageKind.DISPATCH,
        peer=case.agency or "",
        key=case.key,
        number=case.dispatch_no or "",
        revision=case.dispatches,
        body=dispatch_head(accepted),
        due_at=case.changed_at,
    )


def _aside(harvest: _Harvest, one: Received, key: str | None, reason: str, detail: str) -> SetAside:
    return SetAside(PORTAL, key, reason, detail, one.digest, one.content, harvest.at)


def _remembered(key: InboxKey, one: Received, at: datetime) -> Remembered:
    given = receipt(key.source, key.key, one.kind, revision=key.revision, digest=one.digest, at=at)
    return Remembered(one.digest, given)


def _acknowledgements(received: Sequence[Received], at: datetime) -> list[Acknowledgement]:
    """Acknowledge whatever is stored, held and conflicting items included, each number once."""
    stored = {(one.number, one.kind) for one in received}
    return [
        Acknowledgement(application_no=number, kind=kind, stored_at=at)
        for number, kind in sorted(stored, key=str)
        if number is not None
    ]


def _inbox_key(number: str, kind: FeedKind) -> InboxKey:
    return InboxKey(PORTAL, number, kind, 1)
