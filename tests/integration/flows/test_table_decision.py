"""启用、不采用: one decision after another, each made once, and the day on which it holds."""

import asyncio
from collections.abc import Callable
from datetime import date

import pytest

from gateway.adapters.ledger.store import LedgerStore, open_ledger
from gateway.domain.table_decisions import DecisionResult, DecisionStep, edition_on
from gateway.domain.table_editions import SHIPPED, EditionRef, TableKind
from gateway.flows.failpoints import Failpoint
from tests.builders.ledger import a_sealer
from tests.builders.tables import a_code, codes_edition, with_code
from tests.integration.flows.tables_desk import TablesDesk
from tests.support.clock import SettableClock
from tests.support.failpoints import DECIDING_ON_TABLES
from tests.support.killed import run_until_killed

CODES = TableKind.CODES
VERSION_0 = EditionRef(CODES, SHIPPED)
SUBJECT = "tests.integration.flows.tables_subject"
Run = Callable[..., list[tuple[object, ...]]]


@pytest.fixture
def tables(store: LedgerStore, clock: SettableClock) -> TablesDesk:
    return TablesDesk(store, clock)


@pytest.fixture
async def second(tables: TablesDesk) -> EditionRef:
    return await tables.store_edition(codes_edition())


async def in_force(tables: TablesDesk, day: date) -> EditionRef:
    return edition_on((await tables.standing(CODES)).planned, CODES, day)


async def test_an_adoption_holds_from_its_day_with_who_when_and_why(
    tables: TablesDesk, second: EditionRef
) -> None:
    done = await tables.decide(second, tables.day(3))

    assert done.result is DecisionResult.DONE
    assert await in_force(tables, tables.day(2)) == VERSION_0
    assert await in_force(tables, tables.day(3)) == second
    (decision,) = await tables.decisions(CODES)
    assert decision == done.last
    assert (decision.step, decision.no) == (DecisionStep.ADOPTED, 1)
    assert (decision.actor, decision.reason, decision.at) == (
        *("operator:李敏", "部端通知"),
        tables.clock(),
    )


async def test_of_two_operators_who_decide_at_once_one_is_told(
    tables: TablesDesk, second: EditionRef
) -> None:
    # Given two who looked at the same proposal
    third = await tables.store_edition(codes_edition(with_code("channel", a_code("93"))))

    # When both decide
    answers = await asyncio.gather(
        tables.decide(second, tables.day(1), after=0, operator="李敏"),
        tables.decide(third, tables.day(2), after=0, operator="王芳"),
    )

    # Then one decision stands, and the other operator sees whose
    assert {one.result for one in answers} == {
        DecisionResult.DONE,
        DecisionResult.DECIDED_MEANWHILE,
    }
    (decision,) = await tables.decisions(CODES)
    assert [one.last for one in answers] == [decision, decision]


async def test_two_processes_that_decide_at_once_decide_once(
    postgres_url: str, anyio_backend: str, clock: SettableClock
) -> None:
    tables, other = (
        TablesDesk(open_ledger(postgres_url, sealer=a_sealer(), now=clock), clock) for _ in "12"
    )
    second = await tables.store_edition(codes_edition())
    for _ in range(5):
        seen = (await tables.standing(CODES)).last_no
        answers = await asyncio.gather(
            tables.decide(second, tables.day(seen + 1), after=seen, operator="李敏"),
            other.decide(second, tables.day(seen + 9), after=seen, operator="王芳"),
        )
        assert sorted(one.result for one in answers) == [
            DecisionResult.DECIDED_MEANWHILE,
            DecisionResult.DONE,
        ]
        assert (await tables.standing(CODES)).last_no == seen + 1
    await tables.store.close()
    await other.store.close()


async def test_a_decision_that_is_asked_for_again_is_found_made(
    tables: TablesDesk, second: EditionRef
) -> None:
    await tables.decide(second, tables.today)

    again = await tables.decide(second, tables.today, after=0)

    assert again.result is DecisionResult.ALREADY
    assert len(await tables.decisions(CODES)) == 1


async def test_an_adoption_is_undone_by_putting_the_one_before_in_force_again(
    tables: TablesDesk, second: EditionRef
) -> None:
    await tables.decide(second, tables.today)
    tables.clock.forward(days=2)

    await tables.decide(VERSION_0, tables.day(1))

    assert await in_force(tables, tables.today) == second
    assert await in_force(tables, tables.day(1)) == VERSION_0
    steps = [(one.edition, one.no) for one in await tables.decisions(CODES)]
    assert steps == [(VERSION_0, 2), (second, 1)]


async def test_of_two_adoptions_the_later_day_holds_and_of_one_day_the_later_decision(
    tables: TablesDesk, second: EditionRef
) -> None:
    third = await tables.store_edition(codes_edition(with_code("channel", a_code("93"))))
    await tables.decide(third, tables.day(5))
    await tables.decide(second, tables.day(2))

    assert await in_force(tables, tables.day(4)) == second
    assert await in_force(tables, tables.day(5)) == third

    # And so it is once both days have come
    tables.clock.forward(days=6)
    assert await in_force(tables, tables.today) == third

    await tables.decide(second, tables.today)
    await tables.decide(third, tables.today)
    assert await in_force(tables, tables.today) == third


async def test_no_adoption_holds_before_the_day_of_its_decision(
    tables: TablesDesk, second: EditionRef
) -> None:
    done = await tables.decide(second, tables.day(-1))

    assert done.result is DecisionResult.DAY_PAST
    assert await tables.decisions(CODES) == []


async def test_an_edition_that_is_not_there_is_not_decided_on(tables: TablesDesk) -> None:
    done = await tables.decide(EditionRef(CODES, "b" * 64), tables.today)

    assert done.result is DecisionResult.UNKNOWN_EDITION
    assert await tables.decisions(CODES) == []


async def test_what_is_in_force_or_will_be_cannot_be_rejected(
    tables: TablesDesk, second: EditionRef
) -> None:
    await tables.decide(second, tables.day(3))

    assert (await tables.decide(second, None)).result is DecisionResult.IN_FORCE


async def test_a_decision_that_was_altered_counts_for_nothing(
    tables: TablesDesk, second: EditionRef, sql: Run
) -> None:
    await tables.decide(second, tables.day(3))

    sql("UPDATE table_decisions SET from_day = '2026-03-02'")

    assert await in_force(tables, tables.day(3)) == VERSION_0
    assert await tables.decisions(CODES) == []


async def test_the_reason_stands_sealed(tables: TablesDesk, second: EditionRef, sql: Run) -> None:
    await tables.decide(second, tables.day(3))

    ((reason,),) = sql("SELECT reason FROM table_decisions")

    assert isinstance(reason, bytes)
    assert "部端通知".encode() not in reason


@pytest.mark.parametrize("at", DECIDING_ON_TABLES)
async def test_a_death_while_an_operator_decides_leaves_a_whole_decision_or_none(
    url: str, tables: TablesDesk, second: EditionRef, clock: SettableClock, at: Failpoint
) -> None:
    # Given a command that dies there
    await tables.store.close()
    await run_until_killed(SUBJECT, url, at.value, "decide")

    # Then the decision is there whole, or not at all
    store = open_ledger(url, sealer=a_sealer(), now=clock)
    after = TablesDesk(store, clock)
    decided = at is Failpoint.DECISION_STORED
    assert len(await after.decisions(CODES)) == int(decided)

    # And a process that never heard of it takes it up, or works by what is shipped
    await after.rules.refresh()
    known = after.rules.on(after.today).tables.known("channel", "77")
    assert known is decided

    # And the operator who asks again finds it made, or makes it
    again = await after.decide(second, after.today, after=0)
    assert again.result is (DecisionResult.ALREADY if decided else DecisionResult.DONE)
    assert len(await after.decisions(CODES)) == 1
    await store.close()
