"""接收推送: what the national side pushes goes the way of a download, and each item is answered."""

import asyncio
import json
from collections.abc import Sequence
from threading import Event

import pytest

from gateway.adapters.ledger.store import open_ledger
from gateway.domain.case import State, Step
from gateway.domain.feed_items import UNREADABLE
from gateway.domain.item_answer import ItemAnswer
from gateway.flows.failpoints import Failpoint
from gateway.flows.intake import ingest
from gateway.flows.page_result import PushResult
from gateway.flows.pushed_page import record_pushed
from schemas.records.applications import ForwardedApplication
from schemas.records.canonical_form import bytes_digest, content_digest
from schemas.records.receipts import ItemStatus, Receipt
from schemas.records.strict_json import RawItem
from tests.builders.ledger import a_sealer
from tests.builders.records import JINSHUI, as_json, rules, withdrawal_json
from tests.integration.flows.desk import NUMBER, Desk, an_item
from tests.support.clock import SettableClock
from tests.support.failpoints import PUSHING
from tests.support.killed import run_until_killed
from tests.support.peers import ScriptedPortal

SUBJECT = "tests.integration.flows.push_subject"
MALFORMED = b'{"kind":"application","application_no":"SY-BAD","a":1,"a":2}'
NUMBERLESS = b'{"kind":"application","a":1,"a":2}'


def said(answers: Sequence[ItemAnswer]) -> list[str]:
    """Return each answer's status, or the code of its refusal."""
    return [one.refused.code if one.refused else one.status.value for one in answers]


def receipts(result: PushResult) -> list[bytes | None]:
    return [one.receipt for one in result.answers]


async def test_what_is_pushed_is_stored_routed_and_answered_with_a_receipt_for_it(
    desk: Desk,
) -> None:
    sent = an_item(NUMBER)

    result = await desk.take_push(sent)

    assert said(result.answers) == ["accepted"]
    receipt = Receipt.read(result.answers[0].receipt or b"")
    assert (receipt.key, receipt.kind, receipt.revision) == (NUMBER, "application", 1)
    assert receipt.digest == content_digest(ForwardedApplication.read(sent))
    assert receipt.received_at == desk.clock()
    assert [(row.key, row.agency, row.held) for row in result.rows] == [(NUMBER, JINSHUI, None)]
    assert (await desk.case()).state is State.ACCEPTED
    assert await desk.outbox_depth(JINSHUI) == (1, 0)


async def test_what_is_pushed_again_is_a_duplicate_with_the_first_receipt(desk: Desk) -> None:
    sent = an_item(NUMBER)
    first = await desk.take_push(sent)
    history = await desk.history()
    for again_sent in (sent, as_json(dict(reversed(json.loads(sent).items())))):
        desk.clock.forward(hours=1)
        again = await desk.take_push(again_sent)
        assert said(again.answers) == ["duplicate"]
        assert receipts(again) == receipts(first)
    assert await desk.history() == history
    assert await desk.outbox_depth(JINSHUI) == (1, 0)
    assert await desk.quarantined() == []


async def test_an_item_that_comes_both_ways_is_stored_once(desk: Desk) -> None:
    # Given one that was downloaded first, and one that was pushed first
    await desk.pull(an_item(NUMBER))
    first = await desk.take_push(an_item("SY2"))
    desk.clock.forward(minutes=1)

    # When each comes by the other way as well
    pushed = await desk.take_push(an_item(NUMBER))
    pulled = await desk.pull(an_item("SY2"))

    # Then each is known: the push gets the receipt of the download, the download is acknowledged
    assert said(pushed.answers) == ["duplicate"]
    assert Receipt.read(pushed.answers[0].receipt or b"").received_at < desk.clock()
    assert [(row.key, row.repeated) for row in pulled.rows] == [("SY2", True)]
    assert "SY2" in desk.portal.numbers
    assert said(first.answers) == ["accepted"]
    assert [len(await desk.history(key)) for key in (NUMBER, "SY2")] == [1, 1]
    assert await desk.outbox_depth(JINSHUI) == (2, 0)


async def test_the_same_item_twice_in_one_push_is_stored_once(desk: Desk) -> None:
    result = await desk.take_push(an_item(NUMBER), an_item(NUMBER))
    assert said(result.answers) == ["accepted", "duplicate"]
    first, again = receipts(result)
    assert first == again
    assert await desk.outbox_depth(JINSHUI) == (1, 0)


async def test_other_content_under_a_known_number_is_a_conflict_and_kept(desk: Desk) -> None:
    other = withdrawal_json(reason="另一原因")
    await desk.take_push(an_item(NUMBER), withdrawal_json())

    result = await desk.take_push(an_item(NUMBER, aac010="中原区"), other, an_item("SY2"))

    assert said(result.answers) == ["application.conflict", "withdrawal.conflict", "accepted"]
    kept = {(row.key, row.reason) for row in await desk.quarantined()}
    assert kept == {(NUMBER, "application.conflict"), (NUMBER, "withdrawal.conflict")}
    assert [entry.step for entry in await desk.history()] == [Step.ACCEPT, Step.WITHDRAW]


async def test_what_cannot_be_read_is_held_and_answered_as_stored_and_holds_up_nothing(
    desk: Desk,
) -> None:
    result = await desk.take_push(an_item(NUMBER), MALFORMED, an_item("SY2"))

    assert said(result.answers) == ["accepted"] * 3
    receipt = Receipt.read(result.answers[1].receipt or b"")
    assert (receipt.key, receipt.kind, receipt.digest) == (
        *("SY-BAD", "application"),
        bytes_digest(MALFORMED),
    )
    assert (await desk.case("SY-BAD")).hold_reason == UNREADABLE
    assert [(row.key, row.reason) for row in await desk.quarantined()] == [("SY-BAD", UNREADABLE)]


async def test_what_cannot_be_read_gets_its_first_receipt_again_and_a_readable_copy_goes_on(
    desk: Desk,
) -> None:
    first = await desk.take_push(MALFORMED)
    desk.clock.forward(hours=2)

    again = await desk.take_push(MALFORMED)
    mended = await desk.take_push(an_item("SY-BAD"))

    assert said(again.answers) == ["duplicate"]
    assert receipts(again) == receipts(first)
    assert said(mended.answers) == ["accepted"]
    assert (await desk.case("SY-BAD")).state is State.ACCEPTED


async def test_an_item_without_a_number_is_kept_and_its_pusher_told_what_is_wrong(
    desk: Desk,
) -> None:
    invalid = b'{"kind":"application","aac003":"x"}'
    result = await desk.take_push(NUMBERLESS, invalid, an_item(NUMBER))

    assert said(result.answers) == ["message.malformed", "message.invalid", "accepted"]
    malformed, missing, _ = result.answers
    assert [one.code for one in malformed.errors] == ["json.duplicate-member"]
    assert "/application_no" in {one.pointer for one in missing.errors}
    assert not any(one.pointer.startswith("/application/") for one in missing.errors)
    assert [row.key for row in await desk.quarantined()] == [None, None]


async def test_without_room_an_unreadable_item_is_told_to_come_again(
    url: str, clock: SettableClock
) -> None:
    # Given room for one open item
    store = open_ledger(url, sealer=a_sealer(), now=clock, quarantine_room=1)
    desk = Desk(store, clock)
    await desk.take_push(MALFORMED)

    # When an unreadable copy of what is here comes, for which there is no room
    result = await desk.take_push(MALFORMED.replace(b'"a":2', b'"a":3'), an_item(NUMBER))

    # Then it is not answered as stored, and the item beside it is
    assert said(result.answers) == ["service.unavailable", "accepted"]
    await store.close()


@pytest.mark.parametrize("withdrawal_first", [True, False])
async def test_a_withdrawal_is_pushed_like_an_application(
    desk: Desk, *, withdrawal_first: bool
) -> None:
    items = [an_item(NUMBER), withdrawal_json()]
    for one in reversed(items) if withdrawal_first else items:
        assert said((await desk.take_push(one)).answers) == ["accepted"]
    assert (await desk.case()).state is State.WITHDRAWN
    assert await desk.outbox_depth(JINSHUI) == (0, 0)
    again = await desk.take_push(*items)
    assert said(again.answers) == ["duplicate", "duplicate"]


async def test_pushes_and_downloads_at_the_same_time_store_each_item_once(desk: Desk) -> None:
    numbers = [f"SY{at:02}" for at in range(40)]
    items = [an_item(number) for number in numbers]
    desk.portal.feed.extend(items)

    # When both ways bring overlapping pages at once, in opposite orders
    pushes = [desk.take_push(*reversed(items[at : at + 20])) for at in range(0, 40, 10)]
    pulls = [desk.pull(limit=limit) for limit in (15, 40, 7)]
    pushed, pulled = await asyncio.gather(asyncio.gather(*pushes), asyncio.gather(*pulls))

    # Then of each item one case opened, one dispatch waits, and every push was answered with it
    rows = [row for one in pushed for row in one.rows] + [row for one in pulled for row in one.rows]
    opened = [row.key for row in rows if not row.repeated]
    assert sorted(str(key) for key in opened) == numbers
    assert await desk.outbox_depth(JINSHUI) == (40, 0)
    given: dict[str, set[bytes | None]] = {}
    for one in (answer for result in pushed for answer in result.answers):
        given.setdefault(str(one.key), set()).add(one.receipt)
    assert {key: len(those) for key, those in given.items()} == dict.fromkeys(numbers, 1)
    assert await desk.quarantined() == []


async def test_two_processes_that_take_the_same_items_at_once_store_each_once(
    postgres_url: str, clock: SettableClock
) -> None:
    # Given a replica that is pushed to, and another that begins to download the same items before
    # the first has committed
    first, second = (open_ledger(postgres_url, sealer=a_sealer(), now=clock) for _ in range(2))
    items = [an_item(f"SY{at}") for at in range(5)]
    raws = [RawItem(one) for one in items]
    begun = Event()

    def hold_open(passed: Failpoint) -> None:
        if passed is Failpoint.PAGE_WRITTEN:  # in the thread of the transaction
            assert begun.wait(timeout=20)

    def begin(passed: Failpoint) -> None:
        if passed is Failpoint.PAGE_SCREENED:
            begun.set()

    portal, province = ScriptedPortal(feed=list(items)), rules()
    pushed, pulled = await asyncio.gather(
        record_pushed(raws, store=first, rules=province, now=clock, hook=hold_open),
        ingest(portal, store=second, rules=province, now=clock, hook=begin),
    )

    # Then one of them stored all, the other met them, and the push was answered by what is stored
    opened = [[row.key for row in one.rows if not row.repeated] for one in (pushed, pulled)]
    assert sorted(map(len, opened)) == [0, 5]
    assert said(pushed.answers) == ["accepted" if opened[0] else "duplicate"] * 5
    assert len(portal.acknowledged) == 5
    desk = Desk(second, clock)
    again = await desk.take_push(*items)
    assert receipts(again) == receipts(pushed)
    assert await desk.outbox_depth(JINSHUI) == (5, 0)
    assert (await desk.figures()).states == {"ACCEPTED": 5}
    for store in (first, second):
        await store.close()


@pytest.mark.parametrize("at", [*PUSHING, Failpoint.PAGE_SCREENED, Failpoint.PAGE_WRITTEN], ids=str)
async def test_a_death_while_a_push_comes_leaves_all_of_it_or_nothing_and_it_is_pushed_again(
    url: str, clock: SettableClock, at: Failpoint
) -> None:
    items = (an_item(NUMBER), an_item("SY2"), withdrawal_json())

    # When the gateway is killed while it takes the push over
    await run_until_killed(SUBJECT, url, at, *(one.decode() for one in items))

    # Then it is as if never pushed, or whole; the push comes again, and nothing is there twice
    desk = Desk(open_ledger(url, sealer=a_sealer(), now=clock), clock)
    whole = at is Failpoint.PUSH_STORED
    states = {"ACCEPTED": 1, "WITHDRAWN": 1}
    assert (await desk.figures()).states == (states if whole else {})
    again = await desk.take_push(*items)
    assert said(again.answers) == ["duplicate" if whole else "accepted"] * 3
    assert all(one.status is not ItemStatus.REFUSED for one in again.answers)
    assert (await desk.figures()).states == states
    assert await desk.outbox_depth(JINSHUI) == (1, 0)
    await desk.store.close()


async def test_an_application_without_an_agency_is_accepted_and_held(desk: Desk) -> None:
    result = await desk.take_push(an_item(NUMBER, place_division="999999"))
    assert said(result.answers) == ["accepted"]
    assert (await desk.case()).hold_reason == "place.unknown"
