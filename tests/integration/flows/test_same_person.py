"""同一人: open applications of one certificate number are linked both ways, and none is dropped."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.adapters.ledger.store import STATEMENTS, open_ledger
from gateway.domain.case import UNDECIDED, State
from gateway.ports.views import Views, WorkFilter, WorkRow
from storage.statements import load_statements
from tests.builders.ledger import a_sealer
from tests.builders.records import application_json, citizen_number, withdrawal_json
from tests.integration.flows.desk import AT_JIYUAN, Desk, an_item
from tests.support.clock import SettableClock

ANOTHER: Final = "410105199003070002"


async def same_person(desk: Desk) -> dict[str, tuple[str, ...]]:
    """Return the links of the cases, as the list has them; each case's page must have the same."""

    def view(views: Views) -> tuple[list[WorkRow], list[object]]:
        listed = views.worklist(WorkFilter(), after=None, limit=50)
        rows = [row for row in listed if isinstance(row, WorkRow)]
        return rows, [views.case(row.case.key) for row in rows]

    listed, alone = await desk.store.read(view)
    assert alone == listed
    return {row.case.key: row.same_person for row in listed if row.same_person}


async def test_a_second_open_application_is_linked_both_ways_and_accepted(desk: Desk) -> None:
    await desk.pull(an_item("SY1"), an_item("SY9", aac147=ANOTHER))
    assert await same_person(desk) == {}
    desk.clock.forward(hours=1)
    await desk.pull(an_item("SY2", **AT_JIYUAN))
    assert await same_person(desk) == {"SY1": ("SY2",), "SY2": ("SY1",)}
    assert (await desk.case("SY2")).state is State.ACCEPTED
    desk.clock.forward(hours=1)
    await desk.pull(an_item("SY3", place_division="410202"))  # held ones are open, too
    assert await same_person(desk) == {
        "SY1": ("SY2", "SY3"),
        "SY2": ("SY1", "SY3"),
        "SY3": ("SY1", "SY2"),
    }


async def test_a_withdrawal_and_a_decision_end_the_link(desk: Desk) -> None:
    await desk.pull(an_item("SY1"), an_item("SY2"), an_item("SY3"))
    await desk.pull(withdrawal_json(application_no="SY1"))
    assert await same_person(desk) == {"SY2": ("SY3",), "SY3": ("SY2",)}
    await desk.decide(await desk.outcome("SY2"))
    assert await same_person(desk) == {}
    await desk.pull(an_item("SY4"))
    assert await same_person(desk) == {"SY3": ("SY4",), "SY4": ("SY3",)}


async def test_applications_that_cannot_be_read_are_nobodys(desk: Desk) -> None:
    await desk.pull(
        an_item("SY1"),
        application_json(application_no="SY2", aac003=None),
        application_json(application_no="SY3", aac003=None),
    )
    assert await same_person(desk) == {}


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    acts=st.lists(
        st.tuples(st.sampled_from(("apply", "withdraw", "decide")), st.integers(0, 5)), max_size=14
    )
)
def test_whatever_happens_open_cases_of_one_person_know_each_other(
    tmp_path_factory: pytest.TempPathFactory, acts: list[tuple[str, int]]
) -> None:
    # Given six applications of two people
    people = {f"SY{number}": (citizen_number(), ANOTHER)[number % 2] for number in range(6)}

    async def live_through() -> None:
        clock = SettableClock()
        folder = tmp_path_factory.mktemp("ledger")
        store = open_ledger(f"sqlite:///{folder}/ledger.db", sealer=a_sealer(), now=clock)
        try:
            desk = Desk(store, clock)
            for act, number in acts:
                await take(desk, act, f"SY{number}", people)
            # Then exactly the open ones of one person are linked, both ways
            open_ = {key for key in people if await is_open(desk, key)}
            links = await same_person(desk)
            expected = {
                key: tuple(sorted(o for o in open_ - {key} if people[o] == people[key]))
                for key in open_
            }
            assert links == {key: others for key, others in expected.items() if others}
        finally:
            await store.close()

    asyncio.run(live_through())


async def take(desk: Desk, act: str, number: str, people: dict[str, str]) -> None:
    """Do what happens to one application: it comes, is taken back, or is decided."""
    if act == "apply":
        await desk.pull(an_item(number, aac147=people[number]))
    elif act == "withdraw":
        await desk.pull(withdrawal_json(application_no=number))
    elif await is_open(desk, number):
        await desk.decide(await desk.outcome(number))


async def is_open(desk: Desk, number: str) -> bool:
    row = await desk.store.read(lambda views: views.case(number))
    return isinstance(row, WorkRow) and row.case.state in UNDECIDED


def test_a_person_is_found_by_the_index_and_never_by_a_scan(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"

    async def make() -> None:
        await open_ledger(f"sqlite:///{path}", sealer=a_sealer(), now=SettableClock()).close()

    asyncio.run(make())
    text = load_statements(STATEMENTS, "sqlite")["open_of_same_person"].text
    with closing(sqlite3.connect(path)) as file:
        values = ["[]"] * text.count("?")
        plan = [row[3] for row in file.execute(f"EXPLAIN QUERY PLAN {text}", values)]
    assert any("contents_by_person" in line for line in plan)
    searched = {line.split()[1] for line in plan if line.startswith("SEARCH")}
    assert searched == {"mine", "other", "theirs"}  # each table by an index
