"""台账 of cases: opened once, changed over the version read, their history only added to."""

import sqlite3
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest

from gateway.adapters.ledger.store import LedgerStore
from gateway.domain.case import State, Step, advance
from gateway.errors import StaleCase
from gateway.ports.cases import Opening
from gateway.ports.views import WorkRow
from tests.builders.ledger import (
    AT,
    a_beginning,
    a_form,
    an_opening,
)

LATER = AT + timedelta(hours=1)


async def test_a_case_comes_back_as_it_was_opened(store: LedgerStore) -> None:
    plain = an_opening("SQ1")
    bare = an_opening(
        "SQ2",
        agency=None,
        dispatch_no=None,
        due_on=None,
        hold_reason="place.unknown",
        findings=(),
        state=State.HELD,
        accepted_at=datetime(2026, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    )
    await store.transact(lambda ledger: ledger.cases.open([plain, bare]))
    read = await store.transact(lambda ledger: ledger.cases.read(["SQ1", "SQ2", "SQ3"]))
    assert read == {"SQ1": plain.change.case, "SQ2": bare.change.case}
    assert await store.transact(lambda ledger: ledger.cases.read(["SQ2"])) == {
        "SQ2": bare.change.case
    }
    assert await store.transact(lambda ledger: ledger.cases.read([])) == {}


async def test_a_change_is_saved_with_its_history(store: LedgerStore) -> None:
    opening = an_opening("SQ1")
    await store.transact(lambda ledger: ledger.cases.open([opening]))
    change = advance(
        opening.change.case, Step.DECIDE, at=LATER, actor="430104A01", note="1", revision=1
    )
    await store.transact(lambda ledger: ledger.cases.save([change]))
    assert await store.transact(lambda ledger: ledger.cases.read(["SQ1"])) == {"SQ1": change.case}
    history = await store.read(lambda views: views.history("SQ1"))
    assert history == [opening.change.entry, change.entry]


async def test_two_changes_of_one_case_are_saved_in_their_order(store: LedgerStore) -> None:
    openings = [an_opening(key) for key in ("SQ1", "SQ2", "SQ3")]
    await store.transact(lambda ledger: ledger.cases.open(openings))
    first = [advance(o.change.case, Step.DECIDE, at=AT, actor="a") for o in openings]
    second = advance(first[0].case, Step.REPORT, at=LATER, actor="portal")
    await store.transact(lambda ledger: ledger.cases.save([*first, second]))
    read = await store.transact(lambda ledger: ledger.cases.read(["SQ1", "SQ2", "SQ3"]))
    assert [read[key].version for key in ("SQ1", "SQ2", "SQ3")] == [3, 2, 2]
    assert len(await store.read(lambda views: views.history("SQ1"))) == 3


@pytest.mark.parametrize("others", [0, 3])
async def test_a_change_of_an_old_version_is_refused_and_named(
    store: LedgerStore, others: int
) -> None:
    openings = [an_opening(f"SQ{number}") for number in range(others + 1)]
    await store.transact(lambda ledger: ledger.cases.open(openings))
    read = [opening.change.case for opening in openings]
    moved = advance(read[-1], Step.DECIDE, at=AT, actor="first")
    await store.transact(lambda ledger: ledger.cases.save([moved]))
    late = [advance(case, Step.DECIDE, at=LATER, actor="second") for case in read]
    with pytest.raises(StaleCase) as caught:
        await store.transact(lambda ledger: ledger.cases.save(late))
    assert (caught.value.key, caught.value.version) == (read[-1].key, 1)
    kept = await store.transact(lambda ledger: ledger.cases.read([case.key for case in read]))
    assert kept == {case.key: case for case in read} | {moved.case.key: moved.case}
    assert len(await store.read(lambda views: views.history(read[0].key))) == (2 - bool(others))


async def test_a_case_is_not_opened_over_another(store: LedgerStore) -> None:
    await store.transact(lambda ledger: ledger.cases.open([an_opening("SQ1")]))
    again = [an_opening("SQ0"), an_opening("SQ1", policy="3")]
    with pytest.raises(StaleCase, match="SQ1"):
        await store.transact(lambda ledger: ledger.cases.open(again))
    assert list(await store.transact(lambda ledger: ledger.cases.read(["SQ0", "SQ1"]))) == ["SQ1"]


async def test_an_unreadable_case_is_filled_when_it_can_be_read(store: LedgerStore) -> None:
    held = Opening(
        a_beginning("SQ1", state=State.HELD, hold_reason="content.unreadable"), b'{"aac', None
    )
    await store.transact(lambda ledger: ledger.cases.open([held]))
    row = await store.read(lambda views: views.case("SQ1"))
    assert isinstance(row, WorkRow)
    assert (row.person, row.certificate) == ("", "")
    change = advance(held.change.case, Step.ASSIGN, at=LATER, actor="desk", due_on=date(2026, 3, 9))
    readable = Opening(change, a_form(), "110101199003070003")
    await store.transact(lambda ledger: ledger.cases.replace_contents([readable]))
    row = await store.read(lambda views: views.case("SQ1"))
    assert isinstance(row, WorkRow)
    assert (row.case, row.person) == (change.case, "买**")
    with pytest.raises(StaleCase):
        await store.transact(lambda ledger: ledger.cases.replace_contents([readable]))


async def test_history_cannot_be_changed_in_the_database(
    store: LedgerStore, sql: Callable[..., list[tuple[object, ...]]]
) -> None:
    await store.transact(lambda ledger: ledger.cases.open([an_opening("SQ1")]))
    for statement in ("UPDATE case_history SET actor = 'x'", "DELETE FROM case_history"):
        with pytest.raises((sqlite3.IntegrityError, psycopg.Error), match="append-only"):
            sql(statement)
