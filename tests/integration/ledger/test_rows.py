"""行与对象: a case comes back as it was, whatever is in it, and columns stand in their places."""

import asyncio
import hashlib
import json
import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC
from itertools import count
from pathlib import Path
from typing import Final

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from gateway.adapters.ledger.case_rows import CaseRow, as_case, case_row
from gateway.adapters.ledger.disclosures import DisclosureRow
from gateway.adapters.ledger.entry_texts import EntryTextRow
from gateway.adapters.ledger.history import HistoryRow, as_entry, history_row
from gateway.adapters.ledger.inbox import InboxRow
from gateway.adapters.ledger.message_views import SentRow
from gateway.adapters.ledger.outbox_rows import MessageRow, ParkedRow
from gateway.adapters.ledger.seals import check_case
from gateway.adapters.ledger.store import STATEMENTS, open_ledger
from gateway.adapters.ledger.superseded import SupersededRow
from gateway.adapters.ledger.table_rows import DecisionRow, EditionRow, FetchRow
from gateway.domain.case import Case, State, begin
from gateway.ports.cases import Opening
from storage.errors import SealBroken
from storage.statements import load_statements
from storage.urls import sqlite_path
from tests.builders.ledger import AT, SUBJECT, a_form, a_sealer
from tests.integration.ledger.conftest import StoreOpener

NUMBERS: Final = count()
TEXT: Final = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
INSTANTS: Final = st.datetimes(timezones=st.just(UTC))
COUNTS: Final = st.integers(0, 2**31)
CASES: Final = st.builds(
    Case,
    key=TEXT,
    state=st.sampled_from(State),
    version=st.integers(1, 2**31),
    revision=COUNTS,
    place_basis=TEXT,
    place_division=TEXT,
    agency=st.none() | TEXT,
    dispatch_no=st.none() | TEXT,
    dispatches=COUNTS,
    policy=TEXT,
    submitted_at=INSTANTS,
    accepted_at=INSTANTS,
    changed_at=INSTANTS,
    due_on=st.none() | st.dates(),
    due_rule=TEXT,
    hold_reason=st.none() | TEXT,
    findings=st.lists(TEXT).map(tuple),
    trace_id=TEXT,
    chain=TEXT,
)
CASE_COLUMNS: Final = CaseRow._fields
READ: Final = {
    "case_for_change": CASE_COLUMNS,
    "cases_for_change": CASE_COLUMNS,
    "one_case": (*CASE_COLUMNS, "content", "subject"),
    "list_state": (*CASE_COLUMNS, "content", "subject"),
    "list_agency": (*CASE_COLUMNS, "content", "subject"),
    "cases_among": CASE_COLUMNS,
    "open_of_same_person": ("key", "other"),
    "audit_cases": (*CASE_COLUMNS, "seal"),
    "cases_to_reseal": (*CASE_COLUMNS, "seal"),
    "contents_to_reseal": ("id", "key", "subject", "content"),
    "bodies_to_reseal": ("id", "kind", "peer", "number", "body"),
    "quarantined_to_reseal": ("id", "source", "digest", "reason", "content"),
    "due_in_state": CASE_COLUMNS,
    "due_of_agency": CASE_COLUMNS,
    "accepted_between": HistoryRow._fields,
    "decided_between": HistoryRow._fields,
    "endings_of": HistoryRow._fields,
    "messages_among": (
        *("case_key", "kind", "peer", "revision", "attempts", "error"),
        *("due_at", "parked_at", "ended_at", "ended_as"),
    ),
    "refused_by": ("id", "case_key", "parked_at"),
    "conflicts_between": ("id", "case_key", "at"),
    "disclosures_after": DisclosureRow._fields,
    "disclosures_between": DisclosureRow._fields,
    "disclosures_to_reseal": DisclosureRow._fields,
    "audit_history": HistoryRow._fields,
    "audit_history_after": HistoryRow._fields,
    "conflicts_of": ("source", "reason", "detail", "at", "digest", "content"),
    "first_reports": ("number", "body"),
    "history_of": HistoryRow._fields,
    "without_due_date": ("key", "policy", "place_division", "accepted_at"),
    "notes_of": ("key", "note"),
    "contents_of": ("key", "content"),
    "superseded_among": ("number", "case_key"),
    "undecided_by_dispatch": ("dispatch_no", "key"),
    "superseded_since": SupersededRow._fields,
    "texts_of": EntryTextRow._fields,
    "entry_texts_to_reseal": EntryTextRow._fields,
    "table_decisions_to_reseal": DecisionRow._fields,
    "table_fetch": FetchRow._fields,
    "table_edition": EditionRow._fields,
    "table_decisions": DecisionRow._fields,
    "table_decisions_on": DecisionRow._fields,
    "table_adoptions_before": DecisionRow._fields,
    "table_adoptions_after": DecisionRow._fields,
    "last_table_adoption": DecisionRow._fields,
    "table_editions_named": ("kind", "digest"),
    "inbox_entry": InboxRow._fields,
    "inbox_entries": InboxRow._fields,
    "open_dispatches": (*MessageRow._fields, "body", "content"),
    "claimed": (*MessageRow._fields, "body", "content"),
    "pending_dispatches": (*MessageRow._fields, "body", "content"),
    "parked_of": ParkedRow._fields,
    "parked_to": ParkedRow._fields,
    "messages_of": SentRow._fields,
    "next_due": ("due_at", "lease_until"),
    "backlog": ("peer", "kind", "depth", "oldest", "parked"),
    "list_quarantined": ("id", "source", "case_key", "reason", "detail", "at"),
}
"""What each statement reads, as the class that takes its rows names it."""


@settings(phases=[Phase.generate])  # a case of nineteen columns takes minutes to shrink
@given(CASES)
def test_a_case_and_its_history_come_back_from_their_rows(case: Case) -> None:
    change = begin(case, "intake", None)
    assert as_case(CaseRow._make(case_row(change.case))) == change.case
    assert as_entry(HistoryRow._make(history_row(change.entry))) == change.entry


def test_a_seal_is_over_the_columns_of_a_case_in_their_order() -> None:
    # Given a seal as every program makes it: over the key and a digest of this text
    text = (
        '["SQ1","HELD",2,0,"户籍","410105","410105A01",null,1,"p",-1,0,1,"~","r",null,"[]","t","c"]'
    )
    place = f"SQ1\x1f{hashlib.sha256(text.encode()).hexdigest()}"
    seal = a_sealer().seal("cases", "seal", place, b"")

    # Then it fits the row with these columns, and none in which two of them changed places
    row = CaseRow._make(json.loads(text))
    check_case(a_sealer(), row, seal)
    with pytest.raises(SealBroken):
        check_case(a_sealer(), row._replace(version=0, revision=2), seal)


@settings(
    max_examples=5,
    phases=[Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(cases=st.lists(CASES, min_size=1, max_size=20, unique_by=lambda case: case.key))
def test_cases_come_back_from_the_database(url: str, cases: list[Case]) -> None:
    series = f"{next(NUMBERS)}/"  # the database of the examples before is still there
    renamed = [case._replace(key=series + case.key) for case in cases]
    openings = [Opening(begin(case, "intake", None), a_form(), SUBJECT) for case in renamed]

    async def there_and_back() -> dict[str, Case]:
        store = open_ledger(url, sealer=a_sealer(), now=lambda: AT)
        try:
            await store.transact(lambda ledger: ledger.cases.open(openings))
            keys = [opening.change.case.key for opening in openings]
            return await store.transact(lambda ledger: ledger.cases.read(keys))
        finally:
            await store.close()

    assert asyncio.run(there_and_back()) == {
        opening.change.case.key: opening.change.case for opening in openings
    }


def columns_of(url: str, name: str) -> Sequence[str]:
    """Return the names of the columns that a statement reads."""
    path = sqlite_path(url)
    if path is not None:
        text = load_statements(STATEMENTS, "sqlite")[name].text
        with closing(sqlite3.connect(path)) as file:
            cursor = file.execute(text, [0] * text.count("?"))
            return [column[0] for column in cursor.description]
    text = load_statements(STATEMENTS, "postgres")[name].text
    with psycopg.connect(url) as server:
        found = server.execute(text.encode(), [None] * len(re.findall(r"%[sb]", text))).description
        return [column.name for column in found or ()]


@pytest.mark.parametrize("name", READ)
async def test_a_statement_reads_the_columns_that_its_row_names(
    url: str, open_at: StoreOpener, name: str
) -> None:
    open_at(url)
    assert tuple(columns_of(url, name)) == READ[name]


def test_every_statement_is_run_by_a_class_of_the_ledger() -> None:
    code = "".join(path.read_text("utf-8") for path in Path(STATEMENTS).glob("*.py"))
    names = {
        statement.name
        for dialect in ("sqlite", "postgres")
        for statement in load_statements(STATEMENTS, dialect).values()
        if not (statement.cache and dialect == "postgres")  # the row cache runs some by itself
    }
    assert {name for name in names if f'"{name}"' not in code} == set()
