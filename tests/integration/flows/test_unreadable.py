"""What cannot be read is kept and held; a readable copy opens the case properly, once."""

from datetime import date

import pytest

from gateway.domain.case import Case, State, Step, advance
from gateway.domain.dispatch import dispatch_number
from gateway.domain.feed_items import UNREADABLE
from gateway.errors import PageUnreadable, PeerUnavailable
from gateway.ports.ledger import Ledger
from gateway.ports.peers import DownloadedPage
from schemas.records.dispatches import Dispatch
from tests.builders.ledger import a_message
from tests.builders.records import JINSHUI, JIYUAN, application_json, withdrawal_json
from tests.integration.flows.desk import NUMBER, Desk, an_item
from tests.support.peers import ScriptedPortal

MALFORMED = b'{"kind":"application","application_no":"SY-BAD","a":1,"a":2}'
NUMBERLESS = b'{"kind":"application","a":NaN}'


async def readable_copy_beside(desk: Desk, other: str, **changes: object) -> None:
    """Have everything offered again, SY-BAD readable now, and `other` besides."""
    desk.portal.offer_again()
    desk.portal.feed[:] = [an_item("SY-BAD", **changes), an_item(other)]
    await desk.pull()
    assert sorted(desk.portal.numbers) == ["SY-BAD", other]
    assert (await desk.case(other)).state is State.ACCEPTED


async def test_a_readable_copy_after_an_unreadable_one_opens_properly(desk: Desk) -> None:
    await desk.pull(MALFORMED)
    desk.portal.offer_again()
    desk.portal.feed[:] = [an_item("SY-BAD")]
    desk.clock.forward(minutes=10)
    result = await desk.pull()
    assert [(row.agency, row.held, row.repeated) for row in result.rows] == [(JINSHUI, None, False)]
    case = await desk.case("SY-BAD")
    assert (case.state, case.hold_reason, case.dispatches) == (State.ACCEPTED, None, 1)
    assert await desk.outbox_depth(JINSHUI) == (1, 0)
    await desk.push()
    (body,) = desk.agency.inbox.taken.values()
    assert Dispatch.read(body).application.application_no == "SY-BAD"
    assert [entry.step for entry in await desk.history("SY-BAD")] == [
        Step.ACCEPT,
        Step.ASSIGN,
        Step.DELIVER,
    ]


async def test_a_readable_copy_without_an_agency_stays_held_for_that_reason(desk: Desk) -> None:
    await desk.pull(MALFORMED)
    await readable_copy_beside(desk, "SY2", place_division="999999")
    case = await desk.case("SY-BAD")
    assert (case.state, case.hold_reason) == (State.HELD, "place.unknown")
    assert await desk.outbox_depth(JINSHUI) == (1, 0)


async def test_a_readable_copy_does_not_lengthen_the_time_allowed(desk: Desk) -> None:
    await desk.pull(MALFORMED)
    accepted_at = desk.clock()
    desk.clock.forward(days=10)
    await readable_copy_beside(desk, "SY2")
    case = await desk.case("SY-BAD")
    assert case.accepted_at == accepted_at
    assert case.due_on == date(2026, 3, 5)  # three working days from then


async def test_a_readable_and_an_unreadable_copy_in_one_page_are_one_case(desk: Desk) -> None:
    await desk.pull(MALFORMED, an_item("SY-BAD"))
    assert (await desk.case("SY-BAD")).state is State.ACCEPTED
    assert await desk.outbox_depth(JINSHUI) == (1, 0)


async def test_a_malformed_item_that_comes_twice_is_held_once(desk: Desk) -> None:
    await desk.pull(MALFORMED)
    desk.portal.offer_again()
    result = await desk.pull(MALFORMED)
    assert [row.repeated for row in result.rows] == [True, True]
    assert len(await desk.history("SY-BAD")) == 1
    assert len(await desk.quarantined()) == 1
    assert set(desk.portal.numbers) == {"SY-BAD"}


async def test_a_malformed_copy_of_what_is_here_does_not_touch_it(desk: Desk) -> None:
    await desk.pull(an_item("SY-BAD"))
    desk.portal.offer_again()
    desk.portal.feed[:] = [MALFORMED]
    await desk.pull()
    assert (await desk.case("SY-BAD")).state is State.ACCEPTED
    assert len(await desk.quarantined()) == 1
    assert desk.portal.numbers == ["SY-BAD"]


async def test_a_malformed_item_with_a_number_is_held_and_the_others_go_on(desk: Desk) -> None:
    result = await desk.pull(an_item("SY1"), MALFORMED, an_item("SY2"))
    assert {row.key: row.held for row in result.rows} == {
        "SY1": None,
        "SY2": None,
        "SY-BAD": UNREADABLE,
    }
    held = await desk.case("SY-BAD")
    assert (held.state, held.hold_reason) == (State.HELD, UNREADABLE)
    assert held.due_on == date(2026, 3, 11)
    assert sorted(desk.portal.numbers) == ["SY-BAD", "SY1", "SY2"]
    assert [(row.key, row.reason) for row in await desk.quarantined()] == [("SY-BAD", UNREADABLE)]
    assert await desk.outbox_depth(JINSHUI) == (2, 0)


async def test_a_malformed_item_without_a_number_is_kept_and_not_acknowledged(desk: Desk) -> None:
    result = await desk.pull(NUMBERLESS, an_item("SY1"))
    assert {row.key: row.held for row in result.rows} == {None: UNREADABLE, "SY1": None}
    assert desk.portal.numbers == ["SY1"]
    await desk.pull()
    assert [(row.key, row.reason) for row in await desk.quarantined()] == [(None, UNREADABLE)]


async def test_an_item_that_breaks_a_rule_is_held_and_the_others_go_on(desk: Desk) -> None:
    await desk.pull(an_item("SY1"), an_item("SY2", aac067="12345"))
    assert (await desk.case("SY1")).state is State.ACCEPTED
    assert (await desk.case("SY2")).hold_reason == UNREADABLE
    (row,) = await desk.quarantined()
    assert "/aac067" in row.detail
    assert "12345" not in row.detail


async def test_a_readable_copy_of_what_was_withdrawn_meanwhile_does_not_stop_the_page(
    desk: Desk,
) -> None:
    await desk.pull(MALFORMED, withdrawal_json(application_no="SY-BAD"))
    assert (await desk.case("SY-BAD")).state is State.WITHDRAWN
    await readable_copy_beside(desk, "SY2")
    assert (await desk.case("SY-BAD")).state is State.WITHDRAWN
    assert await desk.outbox_depth(JINSHUI) == (1, 0)


async def test_a_readable_copy_of_what_was_returned_meanwhile_goes_on(
    desk: Desk,
) -> None:
    await desk.pull(MALFORMED)
    await desk.end_as_returned("SY-BAD")
    await readable_copy_beside(desk, "SY2")
    case = await desk.case("SY-BAD")
    assert (case.state, case.dispatches) == (State.ACCEPTED, 1)
    assert await desk.outbox_depth(JINSHUI) == (2, 0)


async def assign_unread(desk: Desk, number: str) -> Case:
    """Take the step of an assignment in a case that cannot be read, as no operator can today."""

    def work(ledger: Ledger) -> Case:
        case = ledger.cases.read([number])[number]
        ordinal = case.dispatches + 1
        change = advance(
            case,
            Step.ASSIGN,
            at=desk.clock(),
            actor="operator",
            agency=JIYUAN,
            dispatches=ordinal,
            dispatch_no=dispatch_number(number, ordinal),
        )
        ledger.cases.save([change])
        ledger.outbox.enqueue([a_message(number, peer=JIYUAN, number=change.case.dispatch_no)])
        return change.case

    return await desk.store.transact(work)


async def test_a_readable_copy_never_takes_a_dispatch_number_back(desk: Desk) -> None:
    await desk.pull(MALFORMED)
    await assign_unread(desk, "SY-BAD")
    by_hand = await assign_unread(desk, "SY-BAD")
    await readable_copy_beside(desk, "SY2")
    case = await desk.case("SY-BAD")
    assert case.dispatches >= by_hand.dispatches == 2
    if case.dispatches == by_hand.dispatches:
        assert (case.dispatch_no, case.agency) == (by_hand.dispatch_no, JIYUAN)


async def test_a_readable_copy_of_what_was_decided_meanwhile_does_not_stop_the_page(
    desk: Desk,
) -> None:
    await desk.pull(MALFORMED)
    await assign_unread(desk, "SY-BAD")
    await desk.decide(await desk.outcome("SY-BAD"), sender=JIYUAN)
    await readable_copy_beside(desk, "SY2")
    assert (await desk.case("SY-BAD")).state is State.DECIDED


async def test_a_withdrawn_case_is_held_for_no_reason_any_more(desk: Desk) -> None:
    await desk.pull(MALFORMED)
    await desk.pull(withdrawal_json(application_no="SY-BAD"))
    case = await desk.case("SY-BAD")
    assert (case.state, case.hold_reason) == (State.WITHDRAWN, None)


async def test_an_unreadable_withdrawal_is_kept_and_does_not_touch_the_case(desk: Desk) -> None:
    await desk.pull(application_json())
    await desk.pull(withdrawal_json(withdrawn_at="soon"))
    assert (await desk.case()).state is State.ACCEPTED
    assert [(row.key, row.reason) for row in await desk.quarantined()] == [(NUMBER, UNREADABLE)]


async def test_an_item_that_breaks_its_page_is_found_by_asking_for_less(desk: Desk) -> None:
    # Given an item whose brackets break every page that holds more than it
    desk.portal.breaking.add(MALFORMED)
    desk.portal.feed.extend([an_item("SY1"), MALFORMED, an_item("SY2")])

    # When pages are ingested until nothing waits
    rows = [row for _ in range(3) for row in (await desk.pull(limit=4)).rows]

    # Then it is held, acknowledged, and the others go on
    assert [(row.key, row.held) for row in rows] == [
        ("SY1", None),
        ("SY-BAD", UNREADABLE),
        ("SY2", None),
    ]
    assert sorted(desk.portal.numbers) == ["SY-BAD", "SY1", "SY2"]
    assert desk.portal.asked == [4, 2, 1, 4, 2, 1, 4]


async def test_a_portal_whose_page_of_one_is_unreadable_is_asked_later_and_not_for_ever(
    desk: Desk,
) -> None:
    class Hopeless(ScriptedPortal):
        async def download(self, *, limit: int, wait_s: int) -> DownloadedPage:
            self.asked.append(limit)
            raise PageUnreadable("portal")

    desk.portal = Hopeless()
    with pytest.raises(PageUnreadable):
        await desk.pull(limit=4)
    assert desk.portal.asked == [4, 2, 1]


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+08:00", "9999-12-31T23:59:59-08:00"])
async def test_an_instant_nobody_could_read_again_is_held_by_itself(desk: Desk, at: str) -> None:
    result = await desk.pull(
        application_json(application_no="SY-BAD", submitted_at=at),
        application_json(application_no="SY2"),
    )

    assert {row.key: row.held for row in result.rows} == {"SY-BAD": UNREADABLE, "SY2": None}
    assert sorted(desk.portal.numbers) == ["SY-BAD", "SY2"]
    held, good = await desk.case("SY-BAD"), await desk.case("SY2")
    assert (held.state, good.state) == (State.HELD, State.ACCEPTED)
    await desk.push()
    assert len(desk.agency.inbox.taken) == 1


async def test_a_page_of_which_nothing_is_json_holds_nobody(desk: Desk) -> None:
    items = [an_item(f"SY{number}").decode().encode("gb18030") for number in range(10)]
    desk.portal.feed.extend(items)
    with pytest.raises(PageUnreadable):
        await desk.pull()
    assert desk.portal.acknowledged == []
    assert await desk.quarantined() == []

    # one that can be read beside them: the others are to blame themselves, and nobody waits
    await desk.pull(an_item("SY10"))
    assert len(desk.portal.numbers) == 11


def in_gb18030(count: int) -> list[bytes]:
    """Return applications in another encoding: their numbers can be made out all the same."""
    return [an_item(f"SY-GB-{number:03}").decode().encode("gb18030") for number in range(count)]


@pytest.mark.parametrize(("limit", "count"), [(100, 199), (10, 10), (12, 40)])
async def test_a_page_full_of_another_encoding_hides_nobody_behind_it(
    desk: Desk, limit: int, count: int
) -> None:
    # Given more items in another encoding than a page has, and one behind them that is not
    desk.portal.feed.extend([*in_gb18030(count), an_item("SY-BEHIND")])

    # When pages are taken, then the one behind is there, the others held, all acknowledged
    await desk.pull(limit=limit)
    assert (await desk.case("SY-BEHIND")).state is State.ACCEPTED
    assert (await desk.figures()).held == {UNREADABLE: count}
    assert len(set(desk.portal.numbers)) == count + 1
    assert desk.portal.asked == [limit, 200]


async def test_a_page_full_of_items_without_a_number_hides_nobody_behind_it(desk: Desk) -> None:
    desk.portal.feed.extend([*(numberless(n) for n in range(10)), an_item("SY-BEHIND")])
    await desk.pull(limit=10)
    assert desk.portal.numbers == ["SY-BEHIND"]
    assert len(await desk.quarantined()) == 10


def numberless(number: int) -> bytes:
    return b'{"kind":"application","a":NaN,"n":%d}' % number


async def test_a_run_of_another_encoding_as_long_as_the_longest_page_holds_nobody(
    desk: Desk,
) -> None:
    desk.portal.feed.extend([*in_gb18030(200), an_item("SY-BEHIND")])
    with pytest.raises(PageUnreadable):
        await desk.pull()
    assert desk.portal.acknowledged == []
    assert await desk.quarantined() == []


async def test_a_longer_page_that_does_not_come_costs_nothing(desk: Desk) -> None:
    class Short(ScriptedPortal):
        async def download(self, *, limit: int, wait_s: int) -> DownloadedPage:
            if limit > 10:
                raise PeerUnavailable("portal")
            return await ScriptedPortal.download(self, limit=limit, wait_s=wait_s)

    desk.portal = Short()
    result = await desk.pull(*(numberless(n) for n in range(11)), limit=10)
    assert len(result.rows) == 10
    assert len(await desk.quarantined()) == 10
