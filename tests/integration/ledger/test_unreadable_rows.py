"""A damaged row stands alone: whatever is listed or claimed beside it is listed and claimed."""

from collections.abc import AsyncIterator
from typing import Final

import pytest

from gateway.adapters.ledger.store import LedgerStore, open_ledger
from gateway.domain.case import HistoryEntry, Step, advance
from gateway.ports.ledger import Ledger
from gateway.ports.quarantine import LEDGER
from gateway.ports.unreadable import UnreadableCode, UnreadableRow
from gateway.ports.views import PageMark, QuarantineRow, UnreadableCase, WorkFilter, WorkRow
from storage.urls import sqlite_path
from tests.builders.ledger import (
    AT,
    a_message,
    a_quarantined_item,
    a_sealer,
    an_idempotency_key,
    an_inbox_entry,
    an_opening,
)
from tests.integration.conftest import Run
from tests.integration.ledger.test_outbox import PEER, claim, numbers
from tests.support.ledger_observer import RecordingObserver

BEYOND_EVERY_DATE: Final = 1 << 62
CASE_DAMAGE: Final = (
    ("state", "'NO-SUCH-STATE'"),
    ("changed_at", str(BEYOND_EVERY_DATE)),
    ("submitted_at", str(-BEYOND_EVERY_DATE)),
    ("due_on", "'2026-02-31'"),
    ("due_on", "'zzz'"),
    ("findings", "'[\"half'"),
    ("findings", "'[1]'"),
)
ONLY_SQLITE: Final = (("version", "'x'"), ("place_division", "x'ff'"))
"""A column of PostgreSQL refuses a value of another type."""


@pytest.fixture
def observer() -> RecordingObserver:
    return RecordingObserver()


@pytest.fixture
async def store(
    url: str, anyio_backend: str, observer: RecordingObserver
) -> AsyncIterator[LedgerStore]:
    """Open a ledger with three cases, each with a message, an inbox entry and an item."""
    opened = open_ledger(url, sealer=a_sealer(), now=lambda: AT, observer=observer)
    keys = ("A", "B", "C")

    def fill(ledger: Ledger) -> None:
        openings = [an_opening(key) for key in keys]
        ledger.cases.open(openings)
        ledger.cases.save(
            [advance(one.change.case, Step.DELIVER, at=AT, actor=PEER) for one in openings]
        )
        ledger.outbox.enqueue([a_message(key) for key in keys])
        ledger.inbox.record({an_idempotency_key(key): an_inbox_entry() for key in keys}, AT)
        ledger.quarantine.add([a_quarantined_item(key.encode(), key=key) for key in keys])

    await opened.transact(fill)
    yield opened
    await opened.close()


def damages(url: str) -> tuple[tuple[str, str], ...]:
    return CASE_DAMAGE + (ONLY_SQLITE if sqlite_path(url) else ())


async def test_a_damaged_case_is_listed_by_its_key_and_hides_no_other(
    store: LedgerStore, url: str, sql: Run, observer: RecordingObserver
) -> None:
    for column, value in damages(url):
        ((before,),) = sql(f"SELECT {column} FROM cases WHERE key = 'B'")
        sql(f"UPDATE cases SET {column} = {value} WHERE key = 'B'")
        observer.rows.clear()
        for limit in (1, 2, 9):
            listed = await paged(store, limit)
            if column != "state":  # a state that does not exist is in no list of a state
                assert sorted(row.mark.key for row in listed) == ["A", "B", "C"], column
                assert [type(row) for row in sorted(listed, key=lambda row: row.mark.key)] == [
                    WorkRow,
                    UnreadableCase,
                    WorkRow,
                ]
        one = await store.read(lambda views: views.case("B"))
        some = await store.read(lambda views: views.cases(["A", "B", "C", "D"]))
        assert some.keys() == {"A", "C"}
        assert isinstance(one, UnreadableCase)
        assert one.row == UnreadableRow("cases", "B", UnreadableCode.DAMAGED)
        assert set(observer.rows) == {one.row}
        found = await store.read(lambda v: v.worklist(WorkFilter(key="B"), after=None, limit=1))
        assert found == [one]
        sql("UPDATE cases SET " + column + " = ? WHERE key = 'B'", before)
    assert [type(row) for row in await paged(store, 9)] == [WorkRow] * 3


async def paged(store: LedgerStore, limit: int) -> list[WorkRow | UnreadableCase]:
    """Page through all cases."""
    listed: list[WorkRow | UnreadableCase] = []
    mark: PageMark | None = None
    while page := await page_after(store, mark, limit):
        listed += page
        mark = page[-1].mark
    return listed


async def page_after(
    store: LedgerStore, mark: PageMark | None, limit: int
) -> list[WorkRow | UnreadableCase]:
    return await store.read(lambda v: v.worklist(WorkFilter(), after=mark, limit=limit))


async def test_a_page_of_cases_is_read_without_the_damaged_one_which_is_quarantined(
    store: LedgerStore, url: str, sql: Run
) -> None:
    for column, value in damages(url):
        ((before,),) = sql(f"SELECT {column} FROM cases WHERE key = 'B'")
        sql(f"UPDATE cases SET {column} = {value} WHERE key = 'B'")

        def read(ledger: Ledger) -> tuple[set[str], set[str]]:
            return set(ledger.cases.read(["A", "B", "C", "D"])), set(ledger.cases.unreadable)

        assert await store.transact(read) == ({"A", "C"}, {"B"}), column
        assert await store.transact(lambda ledger: ledger.cases.read(["B"])) == {}
        sql("UPDATE cases SET " + column + " = ? WHERE key = 'B'", before)
    kept = sql("SELECT case_key, reason FROM quarantine WHERE source = ?", LEDGER)
    assert kept == [("B", "row.damaged")]  # once, however often it is met


async def test_a_message_that_cannot_be_read_is_parked_and_the_batch_goes_on(
    store: LedgerStore, url: str, sql: Run, observer: RecordingObserver
) -> None:
    is_sqlite = sqlite_path(url) is not None  # the only one to take a text for a number
    column, value, code = (
        ("revision", "'x'", UnreadableCode.DAMAGED)
        if is_sqlite
        else ("kind", "'telegram'", UnreadableCode.SEAL_BROKEN)
    )
    sql(f"UPDATE outbox SET {column} = {value} WHERE case_key = 'B'")
    assert numbers(await claim(store)) == ["A-1", "C-1"]
    assert sql("SELECT number, error FROM outbox WHERE parked_at IS NOT NULL") == [("B-1", code)]
    assert observer.rows == [UnreadableRow("outbox", "B-1", code)]
    kept = sql("SELECT case_key, reason FROM quarantine WHERE source = ?", LEDGER)
    assert kept == [("B-1", code)]


async def test_a_parked_message_that_cannot_be_read_hides_none_of_the_others(
    store: LedgerStore, sql: Run, observer: RecordingObserver
) -> None:
    claimed = await claim(store)
    await store.transact(lambda ledger: ledger.outbox.park(claimed, AT, "message.invalid"))
    sql("UPDATE outbox SET kind = 'telegram' WHERE case_key = 'B'")
    parked = await store.transact(lambda ledger: ledger.outbox.parked((), peer=PEER, limit=9))
    assert [message.number for message in parked] == ["A-1", "C-1"]
    assert observer.rows == [UnreadableRow("outbox", "B-1", UnreadableCode.DAMAGED)]


async def test_dispatches_to_be_fetched_go_on_beside_one_whose_application_does_not_open(
    store: LedgerStore, url: str, sql: Run, observer: RecordingObserver
) -> None:
    garbage = "x'00'" if sqlite_path(url) else "'\\x00'"
    sql(f"UPDATE contents SET content = {garbage} WHERE key = 'B'")
    seen = await store.transact(lambda ledger: ledger.outbox.pending_dispatches(PEER, limit=10))
    assert numbers(seen) == ["A-1", "C-1"]
    assert [row.code for row in observer.rows] == [UnreadableCode.SEAL_BROKEN]


async def test_a_dispatch_is_parked_whatever_stands_in_its_row_and_the_others_are_fetched(
    store: LedgerStore, url: str, sql: Run, observer: RecordingObserver
) -> None:
    damage = "epoch = x'ff'" if sqlite_path(url) else "number = ''"  # what each store lets stand
    sql(f"UPDATE outbox SET {damage} WHERE case_key = 'B'")
    seen = await store.transact(lambda ledger: ledger.outbox.pending_dispatches(PEER, limit=10))
    assert numbers(seen) == ["A-1", "C-1"]
    assert sql("SELECT case_key FROM outbox WHERE parked_at IS NOT NULL") == [("B",)]


@pytest.mark.parametrize("column", ["due_at", "lease_until"])
async def test_a_message_due_beyond_every_date_is_due_now(
    store: LedgerStore, sql: Run, column: str
) -> None:
    sql(f"UPDATE outbox SET {column} = ?", BEYOND_EVERY_DATE)
    due = await store.transact(lambda ledger: ledger.outbox.next_due(PEER))
    assert due == AT  # whatever dated it so was wrong
    sql("UPDATE outbox SET owed_at = ?", BEYOND_EVERY_DATE)
    figures = await store.read(lambda views: views.figures(AT.date()))
    assert [(one.depth, one.oldest) for one in figures.backlog] == [(3, None)]


@pytest.mark.parametrize(
    ("column", "value"), [("step", "'dance'"), ("state", "'gone'"), ("at", str(BEYOND_EVERY_DATE))]
)
async def test_a_damaged_entry_of_a_history_hides_none_of_the_others(
    store: LedgerStore, url: str, sql: Run, column: str, value: str
) -> None:
    sql(
        "DROP TRIGGER case_history_keeps_its_values"
        if sqlite_path(url)
        else "ALTER TABLE case_history DISABLE TRIGGER USER"
    )
    sql(f"UPDATE case_history SET {column} = {value} WHERE key = 'A' AND seq = 1")
    history = await store.read(lambda views: views.history("A"))
    assert [type(entry) for entry in history] == [UnreadableRow, HistoryEntry]
    assert history[0] == UnreadableRow("case_history", "A/1", UnreadableCode.DAMAGED)


async def test_a_damaged_item_in_quarantine_hides_none_of_the_others(
    store: LedgerStore, sql: Run
) -> None:
    sql("UPDATE quarantine SET at = ? WHERE case_key = 'B'", BEYOND_EVERY_DATE)
    rows = await store.read(lambda views: views.quarantined(limit=9))
    assert [type(row) for row in rows] == [QuarantineRow, UnreadableRow, QuarantineRow]


async def test_a_receipt_that_is_no_json_is_known_but_not_given_again(
    store: LedgerStore, url: str, sql: Run
) -> None:
    garbage = "x'7b00'" if sqlite_path(url) else "'\\x7b00'"
    sql(f"UPDATE inbox SET receipt = {garbage} WHERE key = 'B'")
    keys = [an_idempotency_key(key) for key in ("A", "B", "C")]
    found = await store.transact(lambda ledger: ledger.inbox.find(keys))
    assert [found[key].is_readable for key in keys] == [True, False, True]


async def test_a_full_quarantine_keeps_what_it_has_and_says_what_it_did_not_take(
    url: str, observer: RecordingObserver
) -> None:
    items = [a_quarantined_item(str(number).encode()) for number in range(5)]
    store = open_ledger(
        url, sealer=a_sealer(), now=lambda: AT, observer=observer, quarantine_room=3
    )
    first = await store.transact(lambda ledger: set(ledger.quarantine.add(items[:2])))
    second = await store.transact(lambda ledger: set(ledger.quarantine.add(items)))
    other = a_quarantined_item(source="410105A01")
    assert await store.transact(lambda ledger: set(ledger.quarantine.add([other]))) == set()
    assert (first, second) == (set(), {item.digest for item in items[3:]})
    assert observer.full == [("portal", 2)]
    await store.transact(lambda ledger: ledger.quarantine.keep(items[4:]))
    assert len(await store.read(lambda views: views.quarantined(limit=9))) == 5
    await store.close()
