"""领取: agencies that fetch take their dispatches, say what they stored, and ask about a case."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from gateway.domain.case import Case, HistoryEntry, State, Step, advance
from gateway.domain.receipts import receipt
from gateway.errors import RequestRefused
from gateway.flows.outcome import ItemAnswer
from gateway.flows.relay import complete
from gateway.ports import Now
from gateway.ports.ledger import Ledger
from gateway.ports.messages import InboxKey, Owed, Remembered
from gateway.ports.store import Store
from gateway.ports.views import Views
from schemas.records.dispatches import CaseStep, CaseView
from schemas.records.receipts import DispatchAcknowledgement, ItemStatus


async def offer(agency: str, *, store: Store, limit: int) -> tuple[list[bytes], bool]:
    """Return the oldest unacknowledged dispatches of `agency`, complete, and whether more wait.

    What is not acknowledged comes again. Nothing is changed, so nothing needs a flush.
    """

    def work(ledger: Ledger) -> list[Owed]:
        return ledger.awaiting(agency, limit=limit + 1)

    waiting = await store.transact(work, durable=False)
    return [complete(message) for message in waiting[:limit]], len(waiting) > limit


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
        keys = {number: InboxKey(agency, number, "dispatch", 1) for number in numbers}
        earlier = ledger.remembered(list(keys.values()))
        owed = ledger.owed(agency, [number for number in keys if keys[number] not in earlier])
        fresh = {keys[number]: _seen(agency, number, at) for number in owed}
        ledger.remember(fresh, at)
        ledger.settle(list(owed.values()), at)
        cases = ledger.cases(sorted({message.key for message in owed.values()}))
        ledger.save(
            [
                advance(case, Step.DELIVER, at=at, actor=agency)
                for message in owed.values()
                if (case := cases.get(message.key)) and _moves(case, message)
            ]
        )
        return tuple(_answer(keys[number], earlier, fresh) for number in numbers)

    return await store.transact(work, durable=False)


async def case_view(key: str, *, agency: str, store: Store) -> bytes | None:
    """Return a case as its agency may see it, or None when it is not with that agency."""

    def view(views: Views) -> tuple[Case, list[HistoryEntry]] | None:
        row = views.case(key)
        if row is None or row.case.agency != agency:
            return None
        return row.case, views.history(key)

    found = await store.look(view)
    if found is None:
        return None
    case, history = found
    return CaseView(
        application_no=case.key,
        state=case.state,
        revision=case.revision,
        dispatch_no=case.dispatch_no,
        due_on=case.due_on,
        history=tuple(
            CaseStep(at=entry.at, step=entry.step, state=entry.state, note=entry.note)
            for entry in history
        ),
    ).wire()


def _moves(case: Case, message: Owed) -> bool:
    return case.dispatch_no == message.number and case.state is State.ACCEPTED


def _seen(agency: str, number: str, at: datetime) -> Remembered:
    digest = hashlib.sha256(number.encode()).hexdigest()
    given = receipt(agency, number, "dispatch", revision=1, digest=digest, at=at)
    return Remembered(digest, given)


def _answer(
    key: InboxKey, earlier: dict[InboxKey, Remembered], fresh: dict[InboxKey, Remembered]
) -> ItemAnswer:
    if key in earlier:
        return ItemAnswer(ItemStatus.DUPLICATE, earlier[key].receipt)
    if key in fresh:
        return ItemAnswer(ItemStatus.ACCEPTED, fresh[key].receipt)
    refused = RequestRefused("dispatch.unknown", f"{key.key}: not waiting for {key.source}")
    return ItemAnswer(ItemStatus.REFUSED, refused=refused)
