"""补封: cases from before there were seals get theirs once, and only where their history fits."""

from datetime import timedelta
from typing import Final

import pytest

from gateway.adapters.ledger.store import LedgerStore
from gateway.domain.audit import AuditCode
from gateway.domain.ledger_entry import LedgerEntry, LedgerStep
from gateway.errors import LeaseLost
from gateway.flows.maintenance import lead
from gateway.jobs.case_seals import CaseSeals
from gateway.ports.unreadable import UnreadableCode, UnreadableRow
from tests.builders.ledger import AT, an_opening
from tests.integration.conftest import Run
from tests.integration.ledger.conftest import StoreOpener

KEYS: Final = [f"SQ{number}" for number in range(5)]


@pytest.fixture
async def store(url: str, open_at: StoreOpener, sql: Run) -> LedgerStore:
    """Give a ledger whose cases were written by a program of migration 2."""
    store = open_at(url)
    openings = [an_opening(key) for key in KEYS]
    await store.transact(lambda ledger: ledger.cases.open(openings))
    sql("UPDATE cases SET seal = NULL")
    return store


async def turn(store: LedgerStore, seals: CaseSeals | None = None) -> int:
    """Let the leader take one turn; return how many cases it sealed."""
    lease = await lead(holder="one", store=store, now=lambda: AT)
    assert lease is not None
    return await (seals or CaseSeals(store=store, now=lambda: AT)).carry_on(lease)


async def unsealed(store: LedgerStore) -> list[str]:
    page = await store.read(lambda views: views.audit("", limit=100))
    return [one.key for one in page.findings if one.code is AuditCode.SEAL_MISSING]


async def test_cases_of_before_the_seals_are_sealed_once_and_stripped_ones_are_named(
    store: LedgerStore, sql: Run
) -> None:
    # Given an upgraded ledger, whose cases bear no seal
    assert await unsealed(store) == KEYS

    # When the leader has taken a turn
    assert await turn(store) == len(KEYS)

    # Then all have theirs, and whoever strips one is not helped by the next start
    assert await unsealed(store) == []
    sql("UPDATE cases SET seal = NULL WHERE key = 'SQ3'")
    assert await turn(store) == 0
    assert await unsealed(store) == ["SQ3"]


async def test_a_case_that_its_history_does_not_fit_gets_no_seal(
    store: LedgerStore, sql: Run
) -> None:
    sql("UPDATE cases SET state = 'REPORTED' WHERE key = 'SQ1'")
    sql("UPDATE cases SET findings = 'no list' WHERE key = 'SQ2'")
    assert await turn(store) == len(KEYS) - 2

    page = await store.read(lambda views: views.audit("", limit=100))
    assert [(one.key, one.code) for one in page.findings] == [
        ("SQ1", AuditCode.CASE_CHANGED),
        ("SQ2", AuditCode.UNREADABLE),
    ]


async def test_a_death_between_two_pages_leaves_the_rest_to_the_next_start(
    store: LedgerStore,
) -> None:
    page = await store.transact(lambda ledger: ledger.unsealed_cases.seal(after="", limit=2))
    assert (page.sealed, page.last) == (2, "SQ1")
    assert await unsealed(store) == KEYS[2:]

    assert await turn(store) == 3
    assert await unsealed(store) == []


async def test_who_no_longer_leads_seals_nothing(store: LedgerStore) -> None:
    lease = await lead(holder="one", store=store, now=lambda: AT)
    assert lease is not None
    later = AT + timedelta(hours=1)
    await lead(holder="another", store=store, now=lambda: later)
    with pytest.raises(LeaseLost):
        await CaseSeals(store=store, now=lambda: AT).carry_on(lease)
    assert await unsealed(store) == KEYS


async def test_the_history_of_the_ledger_shows_when_and_that_an_entry_was_altered(
    store: LedgerStore, sql: Run
) -> None:
    entry = LedgerEntry(LedgerStep.BACKUP_ACCEPTED, AT, "operator:李敏")
    await store.transact(lambda ledger: ledger.history.add(entry))
    await turn(store)
    sealed = LedgerEntry(LedgerStep.CASES_SEALED, AT, "maintenance")
    assert await store.read(lambda views: views.ledger_history()) == [entry, sealed]

    sql("UPDATE ledger_history SET at = at + 1 WHERE step = 'cases.sealed'")
    history = await store.read(lambda views: views.ledger_history())
    assert history == [
        entry,
        UnreadableRow("ledger_history", "2", UnreadableCode.SEAL_BROKEN),
    ]
