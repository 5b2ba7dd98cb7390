"""No statement reads a table that grows from end to end: it costs no more in ten years."""

from typing import Final

import pytest

from gateway.adapters.ledger.store import STATEMENTS
from storage.statements import load_statements
from tests.integration.ledger.conftest import StoreOpener
from tests.integration.ledger.query_plans import PlanReader, let_grow, texts_of

EXCEPTIONS: Final = {
    "rows_by_epoch": "`keys status` counts what an exchange of keys will read and write again",
    "newest_epoch": "begins at the newest row and ends there",
    "newest_directory": "begins at the newest row and ends there",
    "newest_directory_number": "begins at the newest row and ends there",
    "last_publication": "begins at the newest row and ends there",
    "directory_number_on": "begins at the newest row and ends at the first that has begun",
    "newest_disclosure": "begins at the newest row and ends there",
}
"""Statements that may, and why."""


@pytest.fixture
async def plans(url: str, open_at: StoreOpener) -> PlanReader:
    """Return what reads the plans of a ledger with years of cases in it."""
    await open_at(url).close()
    let_grow(url)
    return PlanReader(url)


async def test_no_statement_scans_a_table_that_grows(plans: PlanReader) -> None:
    texts = {
        name: text
        for statement in load_statements(STATEMENTS, plans.dialect).values()
        for name, text in texts_of(statement)
    }

    scanned = plans.scanned(texts)

    assert len(texts) > 70
    assert {name: tables for name, tables in scanned.items() if name not in EXCEPTIONS} == {}
    assert "rows_by_epoch" in scanned, "an exception that nothing needs"


async def test_a_scan_is_recognised(plans: PlanReader) -> None:
    asked = {
        "by an index": "SELECT state, count(*) FROM cases GROUP BY state",
        "without one": "SELECT body FROM outbox AS sent WHERE sent.revision = 7",
        "by a range of one": "SELECT key FROM cases WHERE state = 'HELD'",
        "of what is open": "SELECT id FROM quarantine WHERE closed_at IS NULL ORDER BY id LIMIT 5",
    }

    assert plans.scanned(asked) == {"by an index": {"cases"}, "without one": {"outbox"}}
