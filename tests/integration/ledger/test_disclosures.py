"""脱敏解除记录: who had persons shown in full stays as it was written, in order, and is found."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from duijie.commands.gateway_audit import examine_ledger
from gateway.adapters.ledger.store import LedgerStore
from gateway.domain.appraisal import Period
from gateway.domain.audit import AuditCode, AuditFinding
from gateway.flows.disclosure import disclosures_of, record_disclosure
from gateway.flows.report_pages import Coverage
from gateway.ports.disclosures import Disclosure, RecordedDisclosure
from gateway.ports.ledger import Ledger
from schemas.reference.clock import beijing_date
from tests.builders.ledger import AT
from tests.integration.ledger.conftest import StoreOpener

Run = Callable[..., list[tuple[object, ...]]]
FIRST = Disclosure(AT, "operator:李敏", "poll.export", 3, "电话核实")
DAY = timedelta(days=1)


async def add(store: LedgerStore, *entries: Disclosure) -> list[int]:
    return [await store.transact(partial(_add, entry=one)) for one in entries]


def _add(ledger: Ledger, *, entry: Disclosure) -> int:
    return ledger.disclosures.add(entry)


async def listed(store: LedgerStore, period: Period) -> tuple[list[RecordedDisclosure], int]:
    coverage = Coverage()
    found = [one async for one in disclosures_of(store, period, coverage)]
    return found, coverage.unreadable


async def test_each_is_an_entry_of_its_own_with_who_when_why_and_how_many(
    store: LedgerStore,
) -> None:
    for _ in range(2):
        await record_disclosure(
            "poll.export",
            persons=3,
            reason="电话核实",
            operator="李敏",
            store=store,
            now=lambda: AT,
        )

    found = await store.read(lambda views: views.reports.disclosures(0, limit=9))

    assert found == [RecordedDisclosure(1, FIRST), RecordedDisclosure(2, FIRST)]


async def test_they_are_listed_by_days_of_beijing(store: LedgerStore) -> None:
    today = beijing_date(AT)
    await add(store, *(replace(FIRST, at=AT + number * DAY) for number in range(-1, 2)))

    found, _ = await listed(store, Period(today, today))

    assert [one.seq for one in found] == [2]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE disclosures SET persons = 1 WHERE seq = 2",
        "UPDATE disclosures SET actor = 'operator:x' WHERE seq = 2",
        "UPDATE disclosures SET at = at + 1 WHERE seq = 2",
        "DELETE FROM disclosures WHERE seq = 2",
    ],
)
async def test_an_audit_finds_one_that_was_altered_or_taken_out(
    store: LedgerStore, sql: Run, change: str
) -> None:
    await add(store, FIRST, FIRST, FIRST)
    assert (await examine_ledger(store)).findings == []
    sql(change)

    report = await examine_ledger(store)

    assert report.findings == [AuditFinding("disclosures 2", AuditCode.DISCLOSURE_CHANGED)]
    assert report.disclosures == 2


async def test_entries_that_changed_places_are_found(store: LedgerStore, sql: Run) -> None:
    await add(store, FIRST, replace(FIRST, persons=9))
    for old, new in ((1, 3), (2, 1), (3, 2)):
        sql("UPDATE disclosures SET seq = ? WHERE seq = ?", new, old)

    assert len((await examine_ledger(store)).findings) == 2


async def test_many_pages_of_them_are_examined(store: LedgerStore) -> None:
    def work(ledger: Ledger) -> None:
        for _ in range(450):
            ledger.disclosures.add(FIRST)

    await store.transact(work)

    assert (await examine_ledger(store)).disclosures == 450
    found, unreadable = await listed(store, Period(beijing_date(AT), beijing_date(AT)))
    assert (len(found), unreadable) == (450, 0)


async def test_two_processes_that_enter_at_once_leave_no_gap(
    postgres_url: str, open_at: StoreOpener
) -> None:
    one, other = open_at(postgres_url), open_at(postgres_url)

    numbers = await asyncio.gather(add(one, *[FIRST] * 20), add(other, *[FIRST] * 20))

    assert sorted(number for part in numbers for number in part) == list(range(1, 41))
