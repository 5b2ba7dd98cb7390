"""核对: a whole ledger passes, and whatever was altered behind the gateway's back is found."""

import random
from collections.abc import Callable
from functools import partial
from typing import Final

import pytest

from gateway.adapters.ledger.store import LedgerStore
from gateway.domain.audit import AuditCode, AuditFinding
from gateway.domain.case import Step, advance, chain_hash
from gateway.ports.audit import AuditPage
from gateway.ports.ledger import Ledger
from gateway.ports.views import Views
from storage.urls import sqlite_path
from tests.builders.ledger import AT, an_opening
from tests.support.rows import readable

Run = Callable[..., list[tuple[object, ...]]]
STEPS: Final = (Step.DELIVER, Step.DECIDE, Step.REPORT)
CASES: Final = 5
LAST: Final = len(STEPS) + 1
TAMPERINGS: Final = 40


@pytest.fixture
async def audited(store: LedgerStore, url: str, sql: Run) -> LedgerStore:
    """Fill a ledger with cases of four entries each, and let the test change what it likes."""

    def fill(ledger: Ledger) -> None:
        openings = [an_opening(f"SQ{number}") for number in range(CASES)]
        ledger.cases.open(openings)
        cases = [one.change.case for one in openings]
        for step in STEPS:
            changes = [advance(case, step, at=AT, actor="a", revision=1) for case in cases]
            ledger.cases.save(changes)
            cases = [change.case for change in changes]

    await store.transact(fill)
    if sqlite_path(url):
        sql("DROP TRIGGER case_history_keeps_its_rows")
        sql("DROP TRIGGER case_history_keeps_its_values")
    else:
        sql("ALTER TABLE case_history DISABLE TRIGGER USER")
    return store


async def findings(store: LedgerStore, limit: int = 2) -> list[AuditFinding]:
    """Read the whole ledger through and return what is wrong."""
    found: list[AuditFinding] = []
    after: str | None = ""
    while after is not None:
        page = await store.read(partial(audit, after=after, limit=limit))
        found += page.findings
        after = page.last
    return found


def audit(views: Views, *, after: str, limit: int) -> AuditPage:
    return views.audit(after, limit=limit)


@pytest.mark.parametrize("limit", [1, 2, CASES, 100])
async def test_a_whole_ledger_passes_whatever_the_page(audited: LedgerStore, limit: int) -> None:
    page = await audited.read(lambda views: views.audit("", limit=100))
    assert (page.cases, page.entries, page.last) == (CASES, CASES * LAST, None)
    assert await findings(audited, limit) == []


ENTRY: Final = "WHERE key = 'SQ2' AND seq = 2"
PLANTED: Final = (
    (f"UPDATE case_history SET actor = 'b' {ENTRY}", AuditCode.ENTRY_CHANGED, 2),
    (f"UPDATE case_history SET at = at + 1 {ENTRY}", AuditCode.ENTRY_CHANGED, 2),
    (f"UPDATE case_history SET note = 'x' {ENTRY}", AuditCode.ENTRY_CHANGED, 2),
    (f"UPDATE case_history SET chain = 'x' {ENTRY}", AuditCode.ENTRY_CHANGED, 2),
    (f"UPDATE case_history SET step = 'dance' {ENTRY}", AuditCode.UNREADABLE, None),
    (f"DELETE FROM case_history {ENTRY}", AuditCode.ENTRY_MISSING, 2),
    ("DELETE FROM case_history WHERE key = 'SQ2' AND seq = 1", AuditCode.ENTRY_MISSING, 1),
    ("DELETE FROM case_history WHERE key = 'SQ2' AND seq = 4", AuditCode.TAIL_CUT, 4),
    ("DELETE FROM case_history WHERE key = 'SQ2' AND seq > 1", AuditCode.TAIL_CUT, 2),
    ("DELETE FROM case_history WHERE key = 'SQ2'", AuditCode.TAIL_CUT, 1),
    ("UPDATE cases SET state = 'HELD' WHERE key = 'SQ2'", AuditCode.CASE_CHANGED, None),
    ("UPDATE cases SET agency = 'other' WHERE key = 'SQ2'", AuditCode.CASE_CHANGED, None),
    ("UPDATE cases SET due_on = '2026-12-31' WHERE key = 'SQ2'", AuditCode.CASE_CHANGED, None),
    ("UPDATE cases SET seal = NULL WHERE key = 'SQ2'", AuditCode.SEAL_MISSING, None),
    (
        "UPDATE cases SET seal = (SELECT seal FROM cases WHERE key = 'SQ1') WHERE key = 'SQ2'",
        AuditCode.CASE_CHANGED,
        None,
    ),
    ("DELETE FROM cases WHERE key = 'SQ2'", AuditCode.CASE_MISSING, None),
)


@pytest.mark.parametrize("number", range(len(PLANTED)))
async def test_what_was_altered_is_found_where_it_is_and_nowhere_else(
    audited: LedgerStore, sql: Run, number: int
) -> None:
    statement, code, seq = PLANTED[number]
    sql(statement)
    assert await findings(audited) == [AuditFinding("SQ2", code, seq)]


async def test_entries_that_were_exchanged_are_found(audited: LedgerStore, sql: Run) -> None:
    swap = "UPDATE case_history SET seq = {} WHERE key = 'SQ2' AND seq = {}"
    for new, old in ((99, 2), (2, 3), (3, 99)):
        sql(swap.format(new, old))
    assert await findings(audited) == [AuditFinding("SQ2", AuditCode.ENTRY_CHANGED, 2)]


async def test_a_history_exchanged_with_that_of_another_case_is_found(
    audited: LedgerStore, sql: Run
) -> None:
    for new, old in (("x", "SQ1"), ("SQ1", "SQ2"), ("SQ2", "x")):
        sql("UPDATE case_history SET key = ? WHERE key = ?", new, old)
    assert await findings(audited) == [
        AuditFinding("SQ1", AuditCode.ENTRY_CHANGED, 1),
        AuditFinding("SQ2", AuditCode.ENTRY_CHANGED, 1),
    ]


@pytest.mark.parametrize("left", [1, 2, 3])
async def test_a_cut_tail_is_found_though_the_case_was_set_back_with_it(
    audited: LedgerStore, sql: Run, left: int
) -> None:
    # Given somebody who cuts the newest entries off and sets the case to what was before them
    sql("DELETE FROM case_history WHERE key = 'SQ2' AND seq > ?", left)
    sql(
        "UPDATE cases SET version = ?, (state, chain, changed_at) = "
        "(SELECT state, chain, at FROM case_history WHERE key = 'SQ2' AND seq = ?)"
        " WHERE key = 'SQ2'",
        left,
        left,
    )

    # Then the seal does not fit: only the keys of the ledger make another
    assert await findings(audited) == [AuditFinding("SQ2", AuditCode.CASE_CHANGED)]


async def test_a_chain_computed_again_over_a_changed_entry_is_found(
    audited: LedgerStore, sql: Run
) -> None:
    chain = ""
    history = readable(await audited.read(lambda views: views.history("SQ2")))
    for seq, entry in enumerate(history, start=1):
        actor = "somebody-else" if seq == 2 else entry.actor
        chain = chain_hash(chain, "SQ2", seq, entry.at, entry.step, entry.state, actor, entry.note)
        sql(
            "UPDATE case_history SET actor = ?, chain = ? WHERE key = 'SQ2' AND seq = ?",
            actor,
            chain,
            seq,
        )
    sql("UPDATE cases SET chain = ? WHERE key = 'SQ2'", chain)
    assert await findings(audited) == [AuditFinding("SQ2", AuditCode.CASE_CHANGED)]


async def test_no_tampering_at_random_goes_unseen(audited: LedgerStore, sql: Run) -> None:
    chance = random.Random(7)  # noqa: S311 -- chance, not a secret
    columns = {"actor": "z", "note": "z", "chain": "z", "state": "HELD", "step": "hold"}
    for _ in range(TAMPERINGS):
        key, seq = f"SQ{chance.randrange(CASES)}", chance.randint(1, LAST)
        column = chance.choice(sorted(columns))
        where = "WHERE key = ? AND seq = ?"
        ((before,),) = sql(f"SELECT {column} FROM case_history {where}", key, seq)
        sql(f"UPDATE case_history SET {column} = ? {where}", columns[column], key, seq)
        assert await findings(audited) == [AuditFinding(key, AuditCode.ENTRY_CHANGED, seq)]
        sql(f"UPDATE case_history SET {column} = ? {where}", before, key, seq)
    assert await findings(audited) == []
