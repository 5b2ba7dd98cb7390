"""待发: enqueued once, claimed by one, in order for each case, settled by the last claimer only."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import pytest

from gateway.adapters.ledger.store import LedgerStore
from gateway.domain.outbox_rules import MessageKind
from gateway.ports.outbox import ClaimedMessage, OutboxMessage
from tests.builders.ledger import AT, a_form, a_message, an_opening
from tests.integration.ledger.conftest import StoreOpener

PEER = "430104A01"
LEASE = timedelta(seconds=60)


async def enqueue(store: LedgerStore, *messages: OutboxMessage) -> None:
    await store.transact(lambda ledger: ledger.outbox.enqueue(messages))


async def claim(
    store: LedgerStore, peer: str = PEER, now: datetime = AT, limit: int = 50
) -> list[ClaimedMessage]:
    return await store.transact(
        lambda ledger: ledger.outbox.claim(peer, limit=limit, now=now, until=now + LEASE),
        durable=False,
    )


async def settle(store: LedgerStore, messages: Sequence[ClaimedMessage]) -> set[int]:
    return await store.transact(lambda ledger: ledger.outbox.settle(messages, AT), durable=False)


def numbers(messages: Sequence[ClaimedMessage]) -> list[str]:
    return [message.number for message in messages]


async def test_a_claimed_dispatch_carries_the_application_and_the_trace(store: LedgerStore) -> None:
    opening = an_opening("SQ1")
    await store.transact(lambda ledger: ledger.cases.open([opening]))
    await enqueue(store, a_message("SQ1"))
    (message,) = await claim(store)
    assert message == ClaimedMessage(
        id=message.id,
        fence=1,
        kind=MessageKind.DISPATCH,
        peer=PEER,
        key="SQ1",
        number="SQ1-1",
        revision=1,
        attempts=1,
        body=b'{"dispatch_no":"SQ1-1"}',
        content=a_form(),
        trace_id=opening.change.case.trace_id,
    )


async def test_a_report_carries_its_body_alone(store: LedgerStore) -> None:
    await store.transact(lambda ledger: ledger.cases.open([an_opening("SQ1")]))
    await enqueue(store, a_message("SQ1", kind=MessageKind.REPORT, peer="portal", body=b"outcome"))
    (message,) = await claim(store, "portal")
    assert (message.body, message.content, message.kind) == (b"outcome", None, MessageKind.REPORT)


async def test_a_message_is_enqueued_once_under_its_number(store: LedgerStore) -> None:
    await enqueue(store, a_message("SQ1", body=b"first"))
    await enqueue(store, a_message("SQ1", body=b"second"), a_message("SQ2"))
    await enqueue(store)
    claimed = await claim(store)
    assert [one.body for one in claimed] == [b"first", a_message("SQ2").body]
    await settle(store, claimed)
    assert await claim(store) == [], "only the oldest of a case can be claimed, so a second hides"


async def test_what_is_claimed_is_not_claimed_again_until_its_lease_ends(
    store: LedgerStore,
) -> None:
    await enqueue(store, a_message("SQ1"))
    (first,) = await claim(store)
    assert await claim(store, now=AT + LEASE - timedelta(microseconds=1)) == []
    (second,) = await claim(store, now=AT + LEASE)
    assert (second.id, second.fence, second.attempts) == (first.id, 2, 2)


async def test_only_the_latest_claimer_settles(store: LedgerStore) -> None:
    await enqueue(store, a_message("SQ1"), a_message("SQ2"))
    old = await claim(store)
    new = await claim(store, now=AT + LEASE, limit=1)
    assert await settle(store, old) == {old[1].id}
    assert await settle(store, new) == {new[0].id}
    assert await settle(store, new) == set()
    assert await settle(store, []) == set()
    assert await claim(store, now=AT + timedelta(days=1)) == []


async def test_messages_go_oldest_first_and_only_when_due(store: LedgerStore) -> None:
    late = a_message("SQ1", due_at=AT - timedelta(seconds=1))
    early = a_message("SQ2", due_at=AT - timedelta(seconds=2))
    future = a_message("SQ3", due_at=AT + timedelta(seconds=1))
    await enqueue(store, late, early, future, a_message("SQ4", peer="other"))
    assert numbers(await claim(store, limit=1)) == ["SQ2-1"]
    assert numbers(await claim(store)) == ["SQ1-1"]
    assert numbers(await claim(store, now=AT + timedelta(seconds=1))) == ["SQ3-1"]


async def test_a_case_has_one_message_to_a_peer_on_the_way(store: LedgerStore) -> None:
    first, second = a_message("SQ1"), a_message("SQ1", number="SQ1-2", due_at=AT - LEASE)
    other = a_message("SQ1", kind=MessageKind.REPORT, peer="portal")
    await enqueue(store, first, second, other)
    (claimed,) = await claim(store)
    assert claimed.number == "SQ1-1"
    assert numbers(await claim(store, "portal")) == ["SQ1-1"]
    await store.transact(
        lambda ledger: ledger.outbox.postpone(
            [claimed], AT + timedelta(hours=1), "peer.unavailable"
        )
    )
    assert await claim(store) == []
    (again,) = await claim(store, now=AT + timedelta(hours=1))
    assert again.number == "SQ1-1"
    await settle(store, [again])
    assert numbers(await claim(store)) == ["SQ1-2"]


async def test_a_parked_message_is_not_sent_and_does_not_hold_up_the_next(
    store: LedgerStore,
) -> None:
    await enqueue(store, a_message("SQ1"), a_message("SQ1", number="SQ1-2"))
    claimed = await claim(store)
    parked = await store.transact(lambda ledger: ledger.outbox.park(claimed, AT, "peer.refused"))
    assert parked == {claimed[0].id}
    assert await store.transact(lambda ledger: ledger.outbox.park(claimed, AT, "x")) == set()
    assert await settle(store, claimed) == set()
    assert numbers(await claim(store)) == ["SQ1-2"]
    figures = await store.read(lambda views: views.figures(AT.date()))
    assert [(b.peer, b.depth, b.parked, b.oldest) for b in figures.backlog] == [(PEER, 1, 1, AT)]


async def test_an_old_claimer_neither_postpones_nor_parks(store: LedgerStore) -> None:
    await enqueue(store, a_message("SQ1"))
    old = await claim(store)
    new = await claim(store, now=AT + LEASE)
    await store.transact(lambda ledger: ledger.outbox.postpone(old, AT + timedelta(days=9), "late"))
    assert await store.transact(lambda ledger: ledger.outbox.park(old, AT, "late")) == set()
    assert await settle(store, new) == {new[0].id}


async def test_a_cancelled_message_is_not_sent_any_more(store: LedgerStore) -> None:
    await enqueue(store, a_message("SQ1"), a_message("SQ1", kind=MessageKind.REPORT, peer="portal"))
    await enqueue(store, a_message("SQ2"))
    claimed = await claim(store)
    await store.transact(lambda ledger: ledger.outbox.cancel(["SQ1"], MessageKind.DISPATCH, AT))
    assert await settle(store, claimed) == {claimed[1].id}
    assert await claim(store, now=AT + LEASE) == []
    assert numbers(await claim(store, "portal")) == ["SQ1-1"]


async def test_a_parked_message_is_cancelled_too(store: LedgerStore) -> None:
    await enqueue(store, a_message("SQ1"))
    claimed = await claim(store)
    await store.transact(lambda ledger: ledger.outbox.park(claimed, AT, "peer.refused"))
    await store.transact(lambda ledger: ledger.outbox.cancel(["SQ1"], MessageKind.DISPATCH, AT))
    assert (await store.read(lambda views: views.figures(AT.date()))).backlog == ()


async def test_an_agency_that_fetches_sees_the_same_until_it_acknowledges(
    store: LedgerStore,
) -> None:
    await store.transact(lambda ledger: ledger.cases.open([an_opening("SQ1"), an_opening("SQ2")]))
    await enqueue(store, a_message("SQ2"), a_message("SQ1", due_at=AT - LEASE))
    await enqueue(store, a_message("SQ1", kind=MessageKind.REPORT, number="r"))
    for _ in range(2):
        seen = await store.transact(lambda ledger: ledger.outbox.pending_dispatches(PEER, limit=10))
        assert numbers(seen) == ["SQ1-1", "SQ2-1"]
        assert [one.content for one in seen] == [a_form(), a_form()]
    still_open = await store.transact(
        lambda ledger: ledger.outbox.open_dispatches(PEER, ["SQ1-1", "never"])
    )
    assert {number: (one.key, one.body, one.content) for number, one in still_open.items()} == {
        "SQ1-1": ("SQ1", a_message("SQ1").body, a_form())
    }
    assert len(await settle(store, list(still_open.values()))) == 1
    assert await store.transact(lambda ledger: ledger.outbox.open_dispatches(PEER, ["SQ1-1"])) == {}
    assert await store.transact(lambda ledger: ledger.outbox.open_dispatches(PEER, [])) == {}
    seen = await store.transact(lambda ledger: ledger.outbox.pending_dispatches(PEER, limit=10))
    assert numbers(seen) == ["SQ2-1"]
    assert (
        await store.transact(lambda ledger: ledger.outbox.pending_dispatches("other", limit=10))
        == []
    )


async def test_a_message_whose_seal_is_broken_is_parked_and_the_others_go(
    store: LedgerStore, sql: Callable[..., list[tuple[object, ...]]]
) -> None:
    await enqueue(store, a_message("SQ1"), a_message("SQ2"))
    sql(
        "UPDATE outbox SET body = (SELECT body FROM outbox WHERE number = 'SQ2-1')"
        " WHERE number = 'SQ1-1'"
    )
    assert numbers(await claim(store)) == ["SQ2-1"]
    assert sql("SELECT error FROM outbox WHERE parked_at IS NOT NULL") == [("store.seal-broken",)]


async def test_two_claimers_never_get_the_same_message(
    postgres_url: str, open_at: StoreOpener
) -> None:
    stores = [open_at(postgres_url), open_at(postgres_url)]
    count = 400
    await enqueue(stores[0], *(a_message(f"SQ{number}") for number in range(count)))
    got: list[int] = []
    while True:
        claims = (claim(store, limit=7) for store in stores for _ in range(3))
        batch = [one.id for claimed in await asyncio.gather(*claims) for one in claimed]
        if not batch:
            break
        got += batch
    assert len(got) == len(set(got)) == count


@pytest.mark.parametrize("limit", [1, 3])
async def test_a_claim_takes_no_more_than_asked(store: LedgerStore, limit: int) -> None:
    await enqueue(store, *(a_message(f"SQ{number}") for number in range(5)))
    claimed = await claim(store, limit=limit)
    assert len(claimed) == limit


async def test_the_store_says_when_the_next_message_can_be_claimed(store: LedgerStore) -> None:
    async def next_due() -> datetime | None:
        return await store.transact(lambda ledger: ledger.outbox.next_due(PEER))

    assert await next_due() is None
    await store.transact(lambda ledger: ledger.cases.open([an_opening("SQ1"), an_opening("SQ2")]))
    later = AT + timedelta(seconds=90)
    await enqueue(store, a_message("SQ1", due_at=later), a_message("SQ2", peer="somebody-else"))
    assert await next_due() == later
    await enqueue(store, a_message("SQ2"))
    assert await next_due() == AT
    claimed = await claim(store)
    assert await next_due() == AT + LEASE  # a lease that its claimer lets lapse is due again
    await settle(store, claimed)
    assert await next_due() == later
