"""A page is handled as a page: a hundred items cost as many statements as two, on both stores."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

import pytest

from gateway.adapters.ledger.store import LedgerStore, ledger_schema
from gateway.adapters.ledger.unit_of_work import LedgerTerms
from gateway.domain.case import State
from gateway.domain.release import ReleaseResult
from gateway.flows.release import preview_release
from gateway.ports.views import WorkFilter, WorkRow
from storage.session import Row, Session, Value
from storage.store import open_store
from tests.builders.ledger import a_sealer
from tests.builders.records import JINSHUI, withdrawal_json
from tests.integration.conftest import Run
from tests.integration.flows.desk import Desk, an_item
from tests.support.clock import SettableClock

BEYOND_EVERY_DATE: Final = 1 << 62


class CountingSession:
    """A session that notes the name of every statement that it hands on."""

    def __init__(self, session: Session, names: list[str]) -> None:
        self._session, self._names = session, names
        self.prefers_narrow_updates = session.prefers_narrow_updates

    def rows(self, name: str, *values: Value) -> list[Row]:
        """See `Session.rows`."""
        self._names.append(name)
        return self._session.rows(name, *values)

    def rows_among(self, name: str, keys: Sequence[str | int], *before: Value) -> list[Row]:
        """See `Session.rows_among`."""
        self._names.append(name)
        return self._session.rows_among(name, keys, *before)

    def rows_matching(self, name: str, table: Sequence[Row], *before: Value) -> list[Row]:
        """See `Session.rows_matching`."""
        self._names.append(name)
        return self._session.rows_matching(name, table, *before)

    def change(self, name: str, *values: Value) -> int:
        """See `Session.change`."""
        self._names.append(name)
        return self._session.change(name, *values)

    def change_each(self, name: str, table: Sequence[Row]) -> int:
        """See `Session.change_each`."""
        if table:
            self._names.append(name)
        return self._session.change_each(name, table)


@pytest.fixture
def names() -> list[str]:
    """Give the names of the statements run so far."""
    return []


@pytest.fixture
async def counted(
    url: str, anyio_backend: str, clock: SettableClock, names: list[str]
) -> AsyncIterator[Desk]:
    """Give the gateway's flows over a ledger whose statements are counted."""
    schema = ledger_schema(LedgerTerms(a_sealer(), clock))
    counting = replace(
        schema,
        unit=lambda session: schema.unit(CountingSession(session, names)),
        views=lambda session: schema.views(CountingSession(session, names)),
    )
    store: LedgerStore = open_store(url, counting)
    yield Desk(store, clock)
    await store.close()


def numbers(size: int) -> list[str]:
    """Return as many application numbers."""
    return [f"SY{size:03d}{place:03d}" for place in range(size)]


def unreadable(number: str) -> bytes:
    """Return an application whose number can be made out and nothing else."""
    return b'{"kind":"application","application_no":"' + number.encode() + b'","a":1,"a":2}'


def a_withdrawal(number: str) -> bytes:
    """Return the withdrawal of an application."""
    return withdrawal_json(application_no=number)


async def statements_of(desk: Desk, names: list[str], items: list[bytes]) -> list[str]:
    """Take a page over and return the names of the statements that it cost, in order."""
    desk.portal.offer_again()
    desk.portal.feed.clear()
    before = len(names)
    result = await desk.pull(*items)
    assert len(result.rows) == len(items)
    return names[before:]


async def test_unreadable_items_are_opened_and_quarantined_together(
    counted: Desk, names: list[str]
) -> None:
    few, many = [
        await statements_of(counted, names, [unreadable(number) for number in numbers(size)])
        for size in (2, 100)
    ]
    assert many == few
    figures = await counted.figures()
    assert (figures.states, sum(figures.quarantined.values())) == ({"HELD": 102}, 102)


async def test_readable_copies_of_unreadable_items_are_saved_together(
    counted: Desk, names: list[str]
) -> None:
    costs: list[list[str]] = []
    for size in (2, 100):
        await counted.pull(*(unreadable(number) for number in numbers(size)))
        copies = [an_item(number) for number in numbers(size)]
        costs.append(await statements_of(counted, names, copies))
    assert costs[0] == costs[1]
    assert (await counted.figures()).states == {"ACCEPTED": 102}
    assert await counted.outbox_depth(JINSHUI) == (102, 0)


@pytest.mark.parametrize("withdrawal_first", [True, False])
async def test_cases_are_withdrawn_together(
    counted: Desk, names: list[str], *, withdrawal_first: bool
) -> None:
    costs: list[list[str]] = []
    for size in (2, 100):
        applications = [an_item(number) for number in numbers(size)]
        withdrawals = [a_withdrawal(number) for number in numbers(size)]
        pages = [withdrawals, applications] if withdrawal_first else [applications, withdrawals]
        await statements_of(counted, names, pages[0])
        costs.append(await statements_of(counted, names, pages[1]))
    assert costs[0] == costs[1]
    assert (await counted.figures()).states == {State.WITHDRAWN: 102}
    assert await counted.outbox_depth(JINSHUI) == (0, 0)


async def test_outcomes_in_conflict_are_quarantined_together(
    counted: Desk, names: list[str]
) -> None:
    costs: list[list[str]] = []
    for size in (2, 100):
        await counted.pull(*(an_item(number) for number in numbers(size)))
        await counted.decide(*[await counted.outcome(number) for number in numbers(size)])
        others = [await counted.refusal(number) for number in numbers(size)]
        before = len(names)
        answers = await counted.decide(*others)
        costs.append(names[before:])
        assert {one.refused.code for one in answers if one.refused} == {"outcome.conflict"}
    assert costs[0] == costs[1]
    assert (await counted.figures()).quarantined == {"outcome.conflict": 102}


async def test_damaged_cases_of_a_batch_are_quarantined_together(
    counted: Desk, names: list[str], sql: Run
) -> None:
    costs: list[list[str]] = []
    for size in (2, 100):
        await counted.pull(*(an_item(number) for number in numbers(size)))
        outcomes = [await counted.outcome(number) for number in numbers(size)]
        sql("UPDATE cases SET changed_at = ?", BEYOND_EVERY_DATE)
        before = len(names)
        answers = await counted.decide(*outcomes)
        costs.append(names[before:])
        assert {one.refused.code for one in answers if one.refused} == {"service.unavailable"}
        sql("UPDATE cases SET changed_at = accepted_at")
    assert costs[0] == costs[1]
    assert (await counted.figures()).quarantined == {"row.damaged": 102}


async def test_messages_of_a_batch_that_cannot_be_read_are_parked_together(
    counted: Desk, names: list[str], sql: Run
) -> None:
    costs: list[list[str]] = []
    for size in (2, 100):
        await counted.pull(*(an_item(number) for number in numbers(size)))
        sql("UPDATE outbox SET body = (SELECT subject FROM contents WHERE key = ?)", "SY002000")
        before = len(names)
        await counted.push()
        costs.append(names[before:])
    assert costs[0] == costs[1]
    assert await counted.outbox_depth(JINSHUI) == (0, 102)
    assert (await counted.figures()).quarantined == {"store.seal-broken": 102}


async def test_a_release_of_a_page_is_previewed_with_the_page(
    counted: Desk, names: list[str]
) -> None:
    costs: list[list[str]] = []
    for size in (2, 100):
        keys = numbers(size)
        await counted.pull(*(an_item(key, place_division="410202") for key in keys))
        before = len(names)
        preview = partial(preview_release, keys=keys, rules=counted.rules, at=counted.clock())
        plans = await counted.store.read(preview)
        costs.append(names[before:])
        assert [(one.key, one.result) for one in plans] == [
            (key, ReleaseResult.STILL_HELD) for key in keys
        ]
    assert costs[0] == costs[1]


async def test_other_cases_of_the_people_in_a_list_are_asked_for_together(
    counted: Desk, names: list[str]
) -> None:
    costs: list[list[str]] = []
    for size in (2, 100):
        await counted.pull(*(an_item(number) for number in numbers(size)))
        before = len(names)
        listed = await counted.store.read(
            lambda views: views.worklist(WorkFilter(), after=None, limit=100)
        )
        costs.append(names[before:])
        others = {len(row.same_person) for row in listed if isinstance(row, WorkRow)}
        assert (len(listed), others) == ((2, {1}) if size == 2 else (100, {20}))
    assert costs[0] == costs[1]


async def test_what_came_in_conflict_with_a_case_is_compared_together(
    counted: Desk, names: list[str]
) -> None:
    costs: list[list[str]] = []
    (number,) = numbers(1)
    await counted.pull(an_item(number))
    await counted.decide(await counted.outcome(number))
    for size in (1, 4):
        applications = [an_item(number, aac003=f"另{place}{size}") for place in range(size)]
        await statements_of(counted, names, applications)
        outcomes = [await counted.outcome(number, acc020=f"Z-{n}{size}") for n in range(size)]
        await counted.decide(*outcomes)
        before = len(names)
        found = await counted.store.read(lambda views: views.conflicts(number))
        costs.append(names[before:])
        assert all(one.differing for one in found)
    assert costs[0] == costs[1]
    assert len(found) == 10
