"""拉取: agencies that fetch take their dispatches, say what they stored, and ask about a case."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeGuard

from gateway.domain.case import Case, HistoryEntry, State, is_case_key
from gateway.domain.detail import published
from gateway.domain.dispatch import complete_dispatch, delivered
from gateway.domain.item_answer import ItemAnswer
from gateway.domain.outbox_rules import MessageKind
from gateway.domain.receipts import receipt
from gateway.errors import RequestRefused
from gateway.flows.batch import not_now
from gateway.ports.inbox import IdempotencyKey, InboxEntry
from gateway.ports.ledger import Ledger
from gateway.ports.outbox import ClaimedMessage
from gateway.ports.store import Store
from gateway.ports.unreadable import UnreadableRow
from gateway.ports.views import MessageView, UnreadableCase, Views
from schemas.records.canonical_form import digest_of_received
from schemas.records.dispatches import REASSIGNED, CaseStep, CaseView, Dispatch, SupersededDispatch
from schemas.records.receipts import DispatchAcknowledgement, ItemStatus
from schemas.reference.clock import Now


async def pending_dispatches(agency: str, *, store: Store, limit: int) -> tuple[list[bytes], bool]:
    """Return the oldest unacknowledged dispatches of `agency`, complete, and whether more wait.

    What is not acknowledged comes again. Nothing is changed, so nothing needs a flush.
    """

    def work(ledger: Ledger) -> list[ClaimedMessage]:
        return ledger.outbox.pending_dispatches(agency, limit=limit + 1)

    waiting = await store.transact(work, durable=False)
    bodies = [complete_dispatch(one.body, one.content) for one in waiting[:limit]]
    return bodies, len(waiting) > limit


async def superseded_dispatches(
    agency: str, *, within: timedelta, store: Store, now: Now, limit: int
) -> list[SupersededDispatch]:
    """Return the latest dispatches to `agency` that are over, undecided, since `within` ago."""
    since = now() - within
    found = await store.read(lambda views: views.superseded(agency, since=since, limit=limit))
    return [
        SupersededDispatch(application_no=one.key, dispatch_no=one.number, superseded_at=one.at)
        for one in found
    ]


async def acknowledge(
    agency: str,
    batch: Sequence[DispatchAcknowledgement],
    *,
    store: Store,
    now: Now,
) -> tuple[ItemAnswer, ...]:
    """Settle the dispatches that `agency` has stored; a repeat gets the first receipt again.

    Not flushed by itself: were it lost to a power cut, the dispatch would only be offered again.
    """
    at = now()
    numbers = [item.dispatch_no for item in batch]

    def work(ledger: Ledger) -> tuple[ItemAnswer, ...]:
        keys = {number: IdempotencyKey(agency, number, "dispatch", 1) for number in numbers}
        earlier = ledger.inbox.find(list(keys.values()))
        messages = ledger.outbox.open_dispatches(
            agency, [number for number in keys if keys[number] not in earlier]
        )
        missing = [n for n, key in keys.items() if key not in earlier and n not in messages]
        over = ledger.superseded.among(agency, missing)
        involved = {message.key for message in messages.values()} | set(over.values())
        cases = ledger.cases.read(sorted(involved))
        unreadable = ledger.cases.unreadable
        reasons = {n: _why_over(cases.get(key), n) for n, key in over.items()}
        later = {n for n, one in messages.items() if one.key in unreadable or not one.body}
        messages = {n: message for n, message in messages.items() if n not in later}
        fresh = {keys[number]: _seen(message, at) for number, message in messages.items()}
        ledger.inbox.record(fresh, at)
        ledger.outbox.settle(list(messages.values()), at)
        changes = (
            delivered(case, message.number, agency=agency, at=at)
            for message in messages.values()
            if (case := cases.get(message.key)) is not None
        )
        ledger.cases.save([change for change in changes if change is not None])
        return tuple(
            not_now() if number in later else _answer(keys[number], earlier, fresh, reasons)
            for number in numbers
        )

    return await store.transact(work, durable=False)


async def case_view(key: str, *, agency: str, store: Store) -> bytes | None:
    """Return a case as its agency may see it, or None when it never was with that agency.

    `key` is whatever stood in the path; a text that cannot be a key is not looked up. An agency
    that had the case sees that it was reassigned (已改派), and of its history its own steps.

    Raises:
        RequestRefused: Its row cannot be read at present; only its agency is told so.
    """
    if not is_case_key(key):
        return None

    def view(views: Views) -> CaseView | None:
        row, messages = views.case(key), views.messages(key)  # both, so that no time tells which
        if isinstance(row, UnreadableCase):
            if row.agency != agency:
                return None
            raise RequestRefused("service.unavailable", "the case cannot be read")
        if row is None:
            return None
        if row.case.agency == agency:
            return _own_view(row.case, views.history(key))
        given = [one.number for one in messages if _is_dispatch_to(one, agency)]
        return _former_view(row.case, given[-1], views.history(key), agency) if given else None

    found = await store.read(view)
    return None if found is None else found.wire()


def _own_view(case: Case, history: Sequence[HistoryEntry | UnreadableRow]) -> CaseView:
    return CaseView(
        **_key_of(case),
        state=case.state,
        revision=case.revision,
        dispatch_no=case.dispatch_no,
        due_on=case.due_on,
        history=_steps(history),
    )


def _former_view(
    case: Case, number: str, history: Sequence[HistoryEntry | UnreadableRow], agency: str
) -> CaseView:
    """Return what an agency sees of a case that is with it no more: whose it is now is not said."""
    own = [one for one in history if not isinstance(one, UnreadableRow) and one.actor == agency]
    return CaseView(
        application_no=case.key,
        state=REASSIGNED,
        revision=0,
        dispatch_no=number,
        history=_steps(own),
    )


def _steps(history: Sequence[HistoryEntry | UnreadableRow]) -> tuple[CaseStep, ...]:
    return tuple(
        CaseStep(at=entry.at, step=entry.step, state=entry.state, note=published(entry.note))
        for entry in history
        if not isinstance(entry, UnreadableRow)
    )


def _is_dispatch_to(one: MessageView | UnreadableRow, agency: str) -> TypeGuard[MessageView]:
    return isinstance(one, MessageView) and (one.kind, one.peer) == (MessageKind.DISPATCH, agency)


def _key_of(case: Case) -> dict[str, str]:
    """Return the members that say which case it is."""
    if not case.is_local:
        return {"application_no": case.key}
    division, _, serial = case.key.partition("/")
    return {"division": division, "local_serial": serial}


def _seen(message: ClaimedMessage, at: datetime) -> InboxEntry:
    """Return the entry of an acknowledged dispatch: what the agency has is what it was offered."""
    offered = complete_dispatch(message.body, message.content)
    digest = digest_of_received(offered, Dispatch.read)
    given = receipt(message.peer, message.number, "dispatch", revision=1, digest=digest, at=at)
    return InboxEntry(digest, given)


def _why_over(case: Case | None, number: str) -> str:
    """Return the code of why a dispatch is over: the person withdrew, or it went on without it."""
    withdrawn = case is not None and case.state is State.WITHDRAWN and case.dispatch_no == number
    return "case.withdrawn" if withdrawn else "outcome.superseded-dispatch"


def _answer(
    key: IdempotencyKey,
    earlier: dict[IdempotencyKey, InboxEntry],
    fresh: dict[IdempotencyKey, InboxEntry],
    over: Mapping[str, str],
) -> ItemAnswer:
    """Answer one acknowledgement; `over` are the codes of dispatches that are over."""
    if key in earlier and not earlier[key].is_readable:
        return not_now()
    if key in earlier:
        return ItemAnswer(ItemStatus.DUPLICATE, earlier[key].receipt)
    if key in fresh:
        return ItemAnswer(ItemStatus.ACCEPTED, fresh[key].receipt)
    if key.key in over:
        return ItemAnswer.refusal(over[key.key], f"{key.key}: over, and nobody decided on it")
    return ItemAnswer.refusal("dispatch.unknown", f"{key.key}: not waiting for {key.source}")
