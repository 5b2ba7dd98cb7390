"""接收: stored, then acknowledged; once; one bad item never stops the others."""

import asyncio
import json
from datetime import date
from pathlib import Path

import pytest

from gateway.adapters.ledger.store import open_ledger
from gateway.domain.case import State
from gateway.errors import PeerUnavailable
from gateway.flows.failpoints import Failpoint
from gateway.flows.intake import ingest
from schemas.records.dispatches import Dispatch
from storage.errors import StoreUnavailable
from tests.builders.ledger import a_sealer
from tests.builders.records import JINSHUI, JIYUAN, NAME, a_province, application_json, rules
from tests.integration.flows.desk import AT_JIYUAN, NUMBER, Desk, an_item
from tests.support.clock import SettableClock
from tests.support.peers import ScriptedPortal


async def test_a_page_is_stored_routed_and_then_acknowledged(desk: Desk) -> None:
    result = await desk.pull(an_item("SY1"), an_item("SY2", **AT_JIYUAN))
    assert [(row.key, row.agency, row.held) for row in result.rows] == [
        ("SY1", JINSHUI, None),
        ("SY2", JIYUAN, None),
    ]
    assert sorted(desk.portal.numbers) == ["SY1", "SY2"]
    assert {one.stored_at for one in desk.portal.acknowledged} == {desk.clock()}
    assert (await desk.case("SY1")).state is State.ACCEPTED
    assert await desk.outbox_depth(JINSHUI) == await desk.outbox_depth(JIYUAN) == (1, 0)


async def test_an_empty_page_changes_nothing(desk: Desk) -> None:
    result = await desk.pull()
    assert (result.rows, result.more) == ((), False)
    assert desk.portal.acknowledged == []


async def test_a_page_says_whether_there_is_more(desk: Desk) -> None:
    result = await desk.pull(*(an_item(f"SY{n}") for n in range(3)), limit=2)
    assert (len(result.rows), result.more) == (2, True)
    result = await desk.pull(limit=2)
    assert (len(result.rows), result.more) == (1, False)


async def test_nothing_is_acknowledged_that_could_not_be_stored(
    anyio_backend: str, tmp_path: Path
) -> None:
    portal, clock = ScriptedPortal(feed=[application_json()]), SettableClock()
    store = open_ledger(f"sqlite:///{tmp_path}/ledger.db", sealer=a_sealer(), now=clock)
    await store.close()
    with pytest.raises(StoreUnavailable):
        await ingest(portal, store=store, rules=rules(), now=clock)
    assert portal.acknowledged == []


async def test_a_page_that_fails_half_way_leaves_nothing_behind(desk: Desk) -> None:
    class PowerCut(Exception):
        pass

    def cut(failpoint: Failpoint) -> None:
        if failpoint is Failpoint.PAGE_WRITTEN:
            raise PowerCut

    desk.portal.feed.append(application_json())
    with pytest.raises(PowerCut):
        await ingest(desk.portal, store=desk.store, rules=desk.rules, now=desk.clock, hook=cut)
    assert await desk.no_case(NUMBER)
    assert desk.portal.acknowledged == []
    assert [row.repeated for row in (await desk.pull()).rows] == [False]


async def test_a_repeat_is_acknowledged_again_and_opens_nothing(desk: Desk) -> None:
    await desk.pull(application_json())
    desk.portal.offer_again()
    desk.clock.forward(hours=1)
    result = await desk.pull()
    assert [(row.key, row.repeated, row.held) for row in result.rows] == [(NUMBER, True, None)]
    assert desk.portal.numbers == [NUMBER]
    assert len(await desk.history()) == 1
    assert await desk.outbox_depth(JINSHUI) == (1, 0)
    assert await desk.quarantined() == []


async def test_what_was_stored_is_acknowledged_again_when_the_acknowledgement_was_lost(
    desk: Desk,
) -> None:
    desk.portal.acknowledgement_failures.append(PeerUnavailable("portal"))
    with pytest.raises(PeerUnavailable):
        await desk.pull(application_json())
    assert (await desk.case()).state is State.ACCEPTED
    result = await desk.pull()
    assert [row.repeated for row in result.rows] == [True]
    assert desk.portal.numbers == [NUMBER]


async def test_blanks_do_not_make_a_repeat_into_something_else(desk: Desk) -> None:
    await desk.pull(application_json())
    desk.portal.offer_again()
    desk.portal.feed[:] = [json.dumps(json.loads(application_json()), indent=2).encode()]
    result = await desk.pull()
    assert [(row.repeated, row.held) for row in result.rows] == [(True, None)]


async def test_other_content_under_a_number_is_quarantined_and_the_first_stays(desk: Desk) -> None:
    await desk.pull(application_json())
    desk.portal.offer_again()
    desk.portal.feed[:] = [application_json(aac003="王芳")]
    result = await desk.pull()
    assert [(row.key, row.held) for row in result.rows] == [(NUMBER, "application.conflict")]
    assert desk.portal.numbers == [NUMBER]
    assert [(row.key, row.reason) for row in await desk.quarantined()] == [
        (NUMBER, "application.conflict")
    ]
    await desk.push()
    (body,) = desk.agency.inbox.taken.values()
    assert Dispatch.read(body).application.name == NAME


async def test_an_item_twice_in_one_page_is_one_case(desk: Desk) -> None:
    result = await desk.pull(application_json(), application_json(), an_item(NUMBER, aac003="王芳"))
    assert sorted((row.repeated, row.held or "") for row in result.rows) == [
        (False, ""),
        (True, ""),
        (True, "application.conflict"),
    ]
    assert desk.portal.numbers == [NUMBER]
    assert await desk.outbox_depth(JINSHUI) == (1, 0)
    assert len(await desk.quarantined()) == 1


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("999999", "place.unknown"),
        ("430102", "place.out-of-province"),
        ("410104", "place.no-agency"),
    ],
)
async def test_an_unroutable_application_is_held_with_its_clock_running(
    desk: Desk, place: str, reason: str
) -> None:
    await desk.pull(an_item("SY1", place_division=place), an_item("SY2"))
    held = await desk.case("SY1")
    assert (held.state, held.hold_reason, held.due_on) == (
        State.HELD,
        reason,
        date(2026, 3, 5),
    )
    assert (await desk.case("SY2")).state is State.ACCEPTED
    assert sorted(desk.portal.numbers) == ["SY1", "SY2"]
    assert (await desk.figures()).held == {reason: 1}


async def test_an_application_with_codes_of_an_unknown_generation_goes_on(desk: Desk) -> None:
    await desk.pull(an_item("SY1", code_set="1999"), an_item("SY2"))
    assert (await desk.case("SY1")).findings
    assert sorted(desk.portal.numbers) == ["SY1", "SY2"]


async def test_beyond_the_calendar_the_due_date_is_unknown_and_the_case_goes_on(
    desk: Desk,
) -> None:
    desk.rules = rules(province=a_province(working_days=(0, 0)))
    desk.clock.forward(days=365 * 5)
    await desk.pull(application_json())
    case = await desk.case()
    assert (case.state, case.due_on) == (State.ACCEPTED, None)
    assert "未公布" in case.due_rule


async def test_two_pulls_at_the_same_moment_open_one_case(desk: Desk) -> None:
    desk.portal.feed.extend(an_item(f"SY{n}") for n in range(5))
    both = await asyncio.gather(desk.pull(), desk.pull())
    assert sorted(row.repeated for result in both for row in result.rows) == (
        [False] * 5 + [True] * 5
    )
    assert (await desk.figures()).states == {State.ACCEPTED: 5}
    assert await desk.outbox_depth(JINSHUI) == (5, 0)
