"""办结时限补算: a calendar that comes late dates every waiting case, and the alarm ends."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from gateway.domain.case import State, Step
from gateway.errors import LeaseLost
from gateway.flows.due_dates import UNDATED_AT_ONCE, UndatedMark, date_undated
from gateway.flows.maintenance import LEASE_LENGTH, lead
from gateway.jobs.due_dates import DueDates
from gateway.jobs.maintenance import MaintenanceLoop
from gateway.metrics import Metrics
from gateway.ports.leadership import LeaderLease
from schemas.reference.calendar import WorkingCalendar
from tests.builders.records import withdrawal_json
from tests.integration.flows.desk import NUMBER, Desk, an_item

NEW_YEAR = "date,kind,name,source\n2027-01-01,off,元旦,模拟\n"
LATE = datetime(2026, 12, 31, 2, 0, tzinfo=UTC)
DUE = date(2027, 1, 6)
"""Three working days after 2026-12-31, a Thursday: 4, 5 and 6 January."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of calendars, with none in it yet."""
    folder = tmp_path / "calendar"
    folder.mkdir()
    return folder


@pytest.fixture
async def undated(desk: Desk) -> Desk:
    """Give a desk on the last day of the last year announced, with cases in every open state."""
    desk.clock.forward(seconds=(LATE - desk.clock()).total_seconds())
    await desk.pull(an_item("SY1"), an_item("SY2"), an_item("SY3", place_division="410202"))
    await desk.push()
    await desk.pull(an_item("SY4"), an_item("SY5"), an_item("SY6"))
    await desk.pull(withdrawal_json(application_no="SY5"))
    await desk.decide(await desk.outcome("SY6"))
    assert (await desk.figures()).due_unknown == 4
    return desk


def duty_of(desk: Desk, folder: Path | None) -> DueDates:
    return DueDates(store=desk.store, rules=desk.rules, folder=folder, now=desk.clock)


async def a_lease(desk: Desk) -> LeaderLease:
    lease = await lead(holder="a", store=desk.store, now=desk.clock)
    assert lease is not None
    return lease


async def test_a_year_that_is_added_dates_the_open_cases_and_ends_the_alarm(
    undated: Desk, folder: Path
) -> None:
    lease, duty = await a_lease(undated), duty_of(undated, folder)
    assert await duty.carry_on(lease) == 0
    (folder / "2027.csv").write_text(NEW_YEAR, "utf-8")
    assert await duty.carry_on(lease) == 0  # it might just be copied there
    assert await duty.carry_on(lease) == 4
    assert (await undated.figures()).due_unknown == 0
    for number, state in (
        *(("SY1", State.DISPATCHED), ("SY2", State.DISPATCHED)),
        *(("SY3", State.HELD), ("SY4", State.ACCEPTED)),
    ):
        case = await undated.case(number)
        assert (case.due_on, case.state) == (DUE, state)
        assert "未公布" not in case.due_rule
        entry = (await undated.history(number))[-1]
        assert (entry.step, entry.actor, entry.note) == (
            Step.NOTE,
            "calendar",
            "due.known on=2027-01-06",
        )
    assert [(await undated.case(number)).due_on for number in ("SY5", "SY6")] == [None, None]
    assert await duty.carry_on(lease) == 0


async def test_a_gateway_that_starts_with_the_new_year_dates_them_in_its_first_turn(
    undated: Desk, folder: Path
) -> None:
    (folder / "2027.csv").write_text(NEW_YEAR, "utf-8")
    undated.rules = replace(undated.rules, calendar=WorkingCalendar.load(folder))
    loop = MaintenanceLoop(
        holder="a",
        store=undated.store,
        now=undated.clock,
        metrics=Metrics(version="0", contract="0"),
        duties=(duty_of(undated, folder).carry_on,),
    )
    assert await loop.turn() == 4
    assert await loop.turn() == 0


async def test_a_damaged_file_changes_nothing_and_does_not_stop_the_duty(
    undated: Desk, folder: Path
) -> None:
    lease, duty = await a_lease(undated), duty_of(undated, folder)
    (folder / "2027.csv").write_text("date,kind\n", "utf-8")
    assert [await duty.carry_on(lease) for _ in range(3)] == [0, 0, 0]
    (folder / "2027.csv").write_text(NEW_YEAR, "utf-8")
    assert [await duty.carry_on(lease) for _ in range(2)] == [0, 4]


async def test_a_long_list_goes_page_by_page_and_a_death_between_two_pages_loses_nothing(
    desk: Desk, folder: Path
) -> None:
    desk.clock.forward(seconds=(LATE - desk.clock()).total_seconds())
    count = UNDATED_AT_ONCE + 10
    await desk.pull(*(an_item(f"SY{number:04}") for number in range(count)), limit=count)
    (folder / "2027.csv").write_text(NEW_YEAR, "utf-8")
    lease, known = await a_lease(desk), WorkingCalendar.load(folder)
    page = await date_undated(
        lease,
        after=UndatedMark(),
        due_dates=replace(desk.rules, calendar=known).due_dates,
        store=desk.store,
        now=desk.clock,
    )
    assert (page.dated, page.mark) == (UNDATED_AT_ONCE, UndatedMark(State.ACCEPTED, "SY0199"))
    # here the process dies; another begins at the beginning
    desk.rules = replace(desk.rules, calendar=known)
    assert await duty_of(desk, folder).carry_on(lease) == 10
    assert (await desk.figures()).due_unknown == 0


async def test_a_leader_that_was_followed_dates_nothing(undated: Desk, folder: Path) -> None:
    lease = await a_lease(undated)
    undated.clock.forward(seconds=LEASE_LENGTH.total_seconds())
    assert await lead(holder="b", store=undated.store, now=undated.clock) is not None
    (folder / "2027.csv").write_text(NEW_YEAR, "utf-8")
    undated.rules = replace(undated.rules, calendar=WorkingCalendar.load(folder))
    with pytest.raises(LeaseLost):
        await duty_of(undated, folder).carry_on(lease)
    assert (await undated.figures()).due_unknown == 4


async def test_a_case_accepted_meanwhile_is_dated_too(undated: Desk, folder: Path) -> None:
    lease, duty = await a_lease(undated), duty_of(undated, folder)
    (folder / "2027.csv").write_text(NEW_YEAR, "utf-8")
    assert [await duty.carry_on(lease) for _ in range(2)] == [0, 4]
    await undated.pull(an_item(NUMBER))  # the intake decides by the calendar it started with
    assert (await undated.case()).due_on is None
    assert await duty.carry_on(lease) == 1
    assert (await undated.case()).due_on == DUE
