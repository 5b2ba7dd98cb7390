"""逾期、将到期和首次联系: what is listed, how late, and how it was last sent; on both stores."""

from datetime import date, datetime, timedelta
from typing import Final

import pytest

from gateway.domain.appraisal import Period
from gateway.domain.case import State
from gateway.flows.overdue import ContactDue, DueCase, contacts_due, open_until
from gateway.flows.report_pages import Coverage
from schemas.reference.calendar import WorkingCalendar
from tests.builders.extended import registration_json
from tests.builders.ledger import an_opening
from tests.builders.records import JINSHUI, JIYUAN, MORNING
from tests.integration.flows.desk import AT_JIYUAN, LOCAL, Desk, an_item

TODAY: Final = date(2026, 3, 6)
CALENDAR: Final = WorkingCalendar.load()
PERIOD: Final = Period(date(2026, 3, 1), date(2026, 3, 31))


async def listed(desk: Desk, last: date | None = TODAY, agency: str | None = None) -> list[DueCase]:
    return [one async for one in open_until(desk.store, last, Coverage(), agency=agency)]


async def contacts(desk: Desk, period: Period = PERIOD) -> list[ContactDue]:
    return await contacts_due(desk.store, period, Coverage(), calendar=CALENDAR)


@pytest.mark.parametrize(
    ("last", "agency", "keys"),
    [
        (date(2026, 3, 4), None, "A"),
        (date(2026, 3, 5), None, "AB"),
        (date(2026, 3, 6), None, "ABC"),
        (None, None, "ABCD"),
        (None, "other", "B"),
        (date(2026, 3, 4), "other", ""),
    ],
)
async def test_what_is_open_and_due_until_a_day_is_listed(
    desk: Desk, last: date | None, agency: str | None, keys: str
) -> None:
    kinds: dict[str, dict[str, object]] = {
        "A": {"due_on": date(2026, 3, 4), "state": State.DISPATCHED},
        "B": {"due_on": date(2026, 3, 5), "agency": "other"},
        "C": {"due_on": date(2026, 3, 6), "state": State.HELD, "agency": None},
        "D": {"due_on": None, "state": State.HELD},
        "E": {"due_on": date(2026, 3, 4), "state": State.REPORTED},
        "F": {"due_on": date(2026, 3, 4), "state": State.WITHDRAWN},
    }
    openings = [an_opening(key, **changes) for key, changes in kinds.items()]
    await desk.store.transact(lambda ledger: ledger.cases.open(openings))

    found = await listed(desk, last, agency)

    assert sorted(one.case.key for one in found) == list(keys)


async def test_each_shows_how_its_dispatch_was_last_sent(desk: Desk) -> None:
    await desk.pull(an_item("SY1"), an_item("SY2", place_division="419001"))
    desk.clock.forward(minutes=1)
    await desk.push()
    await desk.pull(an_item("SY3", place_division="410202"))

    found = {one.case.key: one.last_message for one in await listed(desk, None)}

    assert found["SY3"] is None
    pushed, waiting = found["SY1"], found["SY2"]
    assert pushed is not None
    assert waiting is not None
    assert (pushed.peer, pushed.ended_as, pushed.attempts) == (JINSHUI, "settled", 1)
    assert (waiting.peer, waiting.ended_as, waiting.attempts) == (JIYUAN, None, 0)


async def test_of_a_reassigned_case_the_new_dispatch_is_shown(desk: Desk) -> None:
    await desk.pull(an_item("SY1"))
    await desk.reassign("SY1")

    (one,) = await listed(desk, None)

    assert one.last_message is not None
    assert (one.last_message.peer, one.last_message.ended_as) == (JIYUAN, None)


async def test_who_was_registered_is_to_be_contacted_within_five_working_days(desk: Desk) -> None:
    # Given one that passed, one that did not, one of a counter, and one corrected to a refusal
    await desk.pull(*(an_item(f"SY{number}") for number in (1, 2, 3)))
    await desk.decide(await desk.outcome("SY1", aae043="2026-03-02"))
    await desk.decide(await desk.refusal("SY2"))
    await desk.decide(await desk.outcome("SY3", aae043="2026-03-02"))
    await desk.decide(await desk.refusal("SY3", revision=2))
    desk.clock.forward(days=1)
    result = {"aae036": "2026-03-03T09:20:00+08:00", "aae043": "2026-03-03"}
    await desk.register(registration_json(result=result))

    found = await contacts(desk)

    shown = [(one.case.key, one.contact.registered_on, one.contact.due_on) for one in found]
    assert shown == [
        ("SY1", date(2026, 3, 2), date(2026, 3, 9)),
        (LOCAL, date(2026, 3, 3), date(2026, 3, 10)),
    ]


async def test_the_period_is_that_in_which_the_result_came(desk: Desk) -> None:
    await desk.pull(an_item("SY1", **AT_JIYUAN))
    await desk.decide(await desk.outcome("SY1"), sender=JIYUAN)

    assert len(await contacts(desk, Period(date(2026, 3, 2), date(2026, 3, 2)))) == 1
    assert await contacts(desk, Period(date(2026, 3, 3), date(2026, 3, 9))) == []


async def test_beyond_the_calendar_the_day_of_contact_is_unknown(desk: Desk) -> None:
    last = datetime(CALENDAR.years[-1], 12, 30, 2, tzinfo=MORNING.tzinfo)
    desk.clock.forward(seconds=(last - desk.clock()) / timedelta(seconds=1))
    await desk.pull(an_item("SY1"))
    await desk.decide(await desk.outcome("SY1", aae043=f"{CALENDAR.years[-1]}-12-30"))

    (one,) = await contacts(desk, Period(last.date(), last.date()))

    assert one.contact.due_on is None
