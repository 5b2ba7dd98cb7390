"""A damaged row in the middle of a page, a batch of outcomes, or what a peer received."""

from collections.abc import AsyncIterator
from typing import Final

import pytest

from gateway.adapters.ledger.store import LedgerStore, open_ledger
from gateway.domain.case import State
from gateway.domain.dispatch import dispatch_number
from gateway.domain.feed_items import UNREADABLE, UNREADABLE_CASE
from gateway.domain.outcome_rules import UNKNOWN
from gateway.errors import RequestRefused
from gateway.flows.fetch import case_view
from gateway.ports.unreadable import UnreadableCode
from schemas.records.receipts import ItemStatus
from tests.builders.ledger import a_sealer
from tests.builders.records import JINSHUI, JIYUAN, outcome_json, withdrawal_json
from tests.integration.conftest import Run
from tests.integration.flows.desk import AT_JIYUAN, Desk, an_item
from tests.support.clock import SettableClock

KEYS: Final = ("SY1", "SY2", "SY3")
DAMAGE: Final = "UPDATE cases SET changed_at = 4611686018427387904 WHERE key = 'SY2'"
REPAIR: Final = "UPDATE cases SET changed_at = accepted_at WHERE key = 'SY2'"
EXCHANGE: Final = (
    "UPDATE contents SET content = (SELECT content FROM contents WHERE key = 'SY1')"
    " WHERE key = 'SY2'"
)
"""The seal of an application holds for its own case only."""
ROOM: Final = 2


@pytest.fixture
async def store(url: str, anyio_backend: str, clock: SettableClock) -> AsyncIterator[LedgerStore]:
    """Open a ledger whose quarantine is nearly full at once."""
    opened = open_ledger(url, sealer=a_sealer(), now=clock, quarantine_room=ROOM)
    yield opened
    await opened.close()


async def test_outcomes_beside_one_for_a_damaged_case_are_recorded_and_that_one_comes_again(
    desk: Desk, sql: Run
) -> None:
    await desk.pull(*map(an_item, KEYS))
    outcomes = [await desk.outcome(key) for key in KEYS]
    sql(DAMAGE)
    answers = await desk.decide(*outcomes)
    assert [one.status for one in answers] == [
        ItemStatus.ACCEPTED,
        ItemStatus.REFUSED,
        ItemStatus.ACCEPTED,
    ]
    assert answers[1].refused is not None
    assert answers[1].refused.code == "service.unavailable"
    sql(REPAIR)
    again = await desk.decide(*outcomes)
    assert [one.status for one in again] == [
        ItemStatus.DUPLICATE,
        ItemStatus.ACCEPTED,
        ItemStatus.DUPLICATE,
    ]


async def test_what_peers_received_is_settled_beside_a_damaged_case_whose_message_is_parked(
    desk: Desk, sql: Run
) -> None:
    await desk.pull(*map(an_item, KEYS))
    sql(DAMAGE)
    relayed = await desk.push()
    assert (relayed.claimed, relayed.settled, relayed.parked) == (3, 2, 1)
    assert await desk.outbox_depth(JINSHUI) == (0, 1)
    assert [(await desk.case(key)).state for key in ("SY1", "SY3")] == [State.DISPATCHED] * 2


async def test_dispatches_are_acknowledged_beside_that_of_a_damaged_case(
    desk: Desk, sql: Run
) -> None:
    await desk.pull(*(an_item(key, **AT_JIYUAN) for key in KEYS))
    numbers = [(await desk.case(key)).dispatch_no or "" for key in KEYS]
    sql(DAMAGE)
    answers = await desk.acknowledge(*numbers)
    assert [one.status for one in answers] == [
        ItemStatus.ACCEPTED,
        ItemStatus.REFUSED,
        ItemStatus.ACCEPTED,
    ]
    with pytest.raises(RequestRefused):
        await case_view("SY2", agency=JIYUAN, store=desk.store)
    sql(REPAIR)
    statuses = [one.status for one in await desk.acknowledge(*numbers)]
    assert statuses == [ItemStatus.DUPLICATE, ItemStatus.ACCEPTED, ItemStatus.DUPLICATE]


async def test_a_dispatch_whose_application_does_not_open_is_acknowledged_another_time(
    desk: Desk, sql: Run
) -> None:
    await desk.pull(*(an_item(key, **AT_JIYUAN) for key in KEYS))
    sql(EXCHANGE)
    answers = await desk.acknowledge(*(dispatch_number(key, 1) for key in KEYS))
    assert [one.refused and one.refused.code for one in answers] == [
        *(None, "service.unavailable", None)
    ]
    assert (await desk.case("SY2")).state is State.ACCEPTED


@pytest.mark.parametrize("key", ["SY2", "SY-ABSENT"])
async def test_a_damaged_case_is_to_other_agencies_as_one_that_is_not_there(
    desk: Desk, sql: Run, key: str
) -> None:
    # Given a case at 济源市 that cannot be read, and one at 金水区, which asks for it
    await desk.pull(an_item("SY2", **AT_JIYUAN), an_item("SY1"))
    named = {
        "guessed dispatch": dispatch_number(key, 1),
        "its own dispatch": (await desk.case("SY1")).dispatch_no,
        "no dispatch": None,
    }
    sql(DAMAGE)

    # Then 金水区 hears of it what it hears of a case that is not there
    assert await case_view(key, agency=JINSHUI, store=desk.store) is None
    for which, number in named.items():
        outcome = outcome_json(application_no=key, dispatch_no=number, aae017=JINSHUI)
        (answer,) = await desk.decide(outcome)
        assert answer.refused is not None, which
        assert answer.refused.code == UNKNOWN[0], which
    (answer,) = await desk.acknowledge(dispatch_number(key, 1), agency=JINSHUI)
    assert answer.refused is not None
    assert answer.refused.code == "dispatch.unknown"


async def test_a_case_whose_agency_cannot_be_read_is_told_to_nobody(desk: Desk, sql: Run) -> None:
    await desk.pull(an_item("SY2"))
    sql("UPDATE cases SET agency = NULL, changed_at = 4611686018427387904")
    assert await case_view("SY2", agency=JINSHUI, store=desk.store) is None


async def test_a_page_goes_on_beside_a_withdrawal_of_a_damaged_case(desk: Desk, sql: Run) -> None:
    await desk.pull(*map(an_item, KEYS))
    sql(DAMAGE)
    await desk.pull(*(withdrawal_json(application_no=key) for key in KEYS))
    assert [(await desk.case(key)).state for key in ("SY1", "SY3")] == [State.WITHDRAWN] * 2
    kept = {(row.key, row.reason) for row in await desk.quarantined()}
    assert kept == {("SY2", UNREADABLE_CASE), ("SY2", UnreadableCode.DAMAGED)}
    assert len(desk.portal.acknowledged) == 6


async def test_an_application_whose_case_is_damaged_is_kept_and_the_page_goes_on(
    desk: Desk, sql: Run
) -> None:
    await desk.pull(*map(an_item, KEYS))
    sql(DAMAGE)
    sql("DELETE FROM inbox WHERE key = 'SY2'")
    desk.portal.offer_again()
    await desk.pull(an_item("SY4"))
    assert (await desk.case("SY4")).state is State.ACCEPTED
    assert ("SY2", "application.conflict") in {(r.key, r.reason) for r in await desk.quarantined()}


async def test_a_full_quarantine_leaves_with_the_portal_what_it_cannot_keep(desk: Desk) -> None:
    # Given four applications, and other content under the number of each
    keys = [f"SY{number}" for number in range(4)]
    await desk.pull(*map(an_item, keys))
    desk.portal.offer_again()
    desk.portal.feed.clear()

    # When all of that comes in one page with a new application
    differing = [an_item(key, aac003="另一人") for key in keys]
    await desk.pull(*differing, an_item("SY-NEW"))

    # Then there is room for two; the two others stay with the portal, the new one is ingested
    acknowledged = {one.application_no for one in desk.portal.acknowledged}
    assert len(acknowledged & set(keys)) == ROOM
    assert "SY-NEW" in acknowledged
    assert len(await desk.quarantined()) == ROOM


async def test_an_unreadable_item_is_acknowledged_without_room_if_a_case_holds_its_content(
    desk: Desk,
) -> None:
    bad = [f'{{"kind":"application","application_no":"SY{n}","a":1,"a":2}}'.encode() for n in "123"]
    await desk.pull(*bad)
    assert {one.application_no for one in desk.portal.acknowledged} == {"SY1", "SY2", "SY3"}
    assert {(await desk.case(f"SY{n}")).hold_reason for n in "123"} == {UNREADABLE}
    assert len(await desk.quarantined()) == ROOM
