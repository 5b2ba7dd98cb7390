"""查询计划: a ledger that has grown, and which tables a statement reads from end to end."""

import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any, Final

import psycopg

from bench.bulk_rows import Table, bulk_writer
from storage.statements import Dialect, SqlStatement
from storage.urls import sqlite_path

ROWS: Final = 4000
GROWING: Final = frozenset(
    {
        *("cases", "contents", "case_history", "entry_texts", "inbox", "outbox", "quarantine"),
        *("superseded_dispatches", "directory_versions", "directory_agencies"),
        *("directory_publications", "disclosures", "day_book", "discrepancies", "statement_lines"),
        *("table_decisions", "table_editions"),
    }
)
"""Tables that keep a row for everything that ever came; a nonce is kept for minutes."""
OF_WHAT_IS_OPEN: Final = frozenset(
    {
        *("outbox_open", "outbox_parked", "quarantine_open", "quarantine_by_source"),
        *("discrepancies_open", "discrepancies_of_line"),
    }
)
"""Indexes over rows that are not done with: reading one whole costs no more with the years."""
_SOURCE: Final = re.compile(r"(?:FROM|JOIN|UPDATE)\s+([a-z_]+)(?:\s+AS\s+([a-z_]+))?")
_SCAN: Final = re.compile(r"SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?")


def rows_of_years() -> Iterator[Table]:
    """Yield tables with the rows of cases that have ended, but for one in a hundred."""
    numbers = range(ROWS)
    states = ["REPORTED" if number % 100 else "DISPATCHED" for number in numbers]
    ended = [1 if number % 100 else None for number in numbers]
    keys = [f"SQ{number:08}" for number in numbers]
    yield (
        "cases (key, state, version, revision, place_basis, place_division, agency, dispatch_no,"
        " dispatches, policy, submitted_at, accepted_at, changed_at, due_on, due_rule, findings,"
        " trace_id, chain)",
        [
            (
                *(key, state, 4, 1, "1", "419001", "4190010001", f"{key}-1", 1, "3", 1, 1, 1),
                *("2026-03-05", "3", "[]", "0" * 32, "0" * 64),
            )
            for key, state in zip(keys, states, strict=True)
        ],
    )
    yield (
        "contents (key, key_epoch, person_index, subject, content)",
        [(key, 1, key.encode() * 2, b"s" * 40, b"c" * 900) for key in keys],
    )
    yield (
        "case_history (key, seq, at, step, state, actor, chain)",
        [(key, seq, 1, "note", "ACCEPTED", "portal", "0" * 64) for key in keys for seq in (1, 2)],
    )
    yield (
        "superseded_dispatches (agency, number, case_key, at)",
        [("4190010001", f"{key}-1", key, 1) for key in keys],
    )
    yield (
        "directory_versions (number, made_at, valid_from, made_by, agencies, body)",
        [(number, number, "2026-01-01", "settings", 1, b"b" * 200) for number in numbers],
    )
    yield (
        "directory_agencies (version, position, content)",
        [(number, 0, "{}" * 100) for number in numbers],
    )
    yield (
        "directory_publications (version, result, at, code)",
        [(number, "published", 1, "") for number in numbers],
    )
    yield (
        "disclosures (seq, at, actor, act, persons, reason)",
        [(number + 1, number, "operator:a", "poll.export", 1, b"r" * 60) for number in numbers],
    )
    yield (
        "table_editions (kind, digest, fetched_at, body)",
        [("codes", f"{number:064x}", 1, b"t" * 60) for number in numbers],
    )
    yield (
        "table_decisions (kind, no, step, digest, from_day, at, actor, reason)",
        [
            ("codes", number, "adopted", f"{number:064x}", "2026-03-02", 1, "operator:-", b"r" * 60)
            for number in numbers
        ],
    )
    yield "entry_texts (key, seq, body)", [(key, 2, b"t" * 60) for key in keys]
    yield (
        "inbox (source, key, kind, revision, digest, receipt, at)",
        [("portal", key, "application", 0, "", b"r" * 200, 1) for key in keys],
    )
    yield (
        "outbox (kind, peer, case_key, number, revision, body, owed_at, due_at, ended_at)",
        [
            (kind, peer, key, f"{key}-1", 1, b"b" * 300, 1, 1, at)
            for key, at in zip(keys, ended, strict=True)
            for kind, peer in (("dispatch", "4190010001"), ("report", "portal"))
        ],
    )
    yield (
        "day_book (line, day, at)",
        [(f"application|{key}|1|", f"2026-{1 + int(key[2:]) % 12:02}-01", 1) for key in keys],
    )
    yield (
        "statement_lines (day, line, entries)",
        [("2026-01-01", f"application|{key}|1|", b"e" * 200) for key in keys],
    )
    yield (
        "discrepancies (day, line, kind, remedy, state, run, found_at, changed_at, closed_at)",
        [
            ("2026-01-01", f"outcome|{key}|1|", "never-sent", "desk", "open", 1, 1, 1, at)
            for key, at in zip(keys, ended, strict=True)
        ],
    )
    yield "nonces (key_id, nonce, until)", [("a-1", f"{key}{key}", int(key[2:])) for key in keys]
    yield (
        "quarantine (source, case_key, reason, detail, digest, content, at, closed_at)",
        [
            ("portal", key, "item.malformed", "", key, b"q" * 300, 1, at)
            for key, at in zip(keys, ended, strict=True)
        ],
    )


def let_grow(url: str) -> None:
    """Fill the ledger at `url`, and let PostgreSQL know how much there is."""
    with bulk_writer(url) as write:
        write(rows_of_years())


class PlanReader:
    """Says what a store reads from end to end for a statement."""

    def __init__(self, url: str) -> None:
        self._path = sqlite_path(url)
        self._url = url

    @property
    def dialect(self) -> Dialect:
        """Whose statements it understands."""
        return "postgres" if self._path is None else "sqlite"

    def scanned(self, statements: Mapping[str, str]) -> dict[str, set[str]]:
        """Return the growing tables that each statement scans, where there are any."""
        if self._path is None:
            with psycopg.connect(self._url) as server:
                server.execute(b"SET plan_cache_mode = force_generic_plan")
                found = {name: _scanned(_plan(server, text)) for name, text in statements.items()}
        else:
            with closing(sqlite3.connect(self._path)) as file:
                found = {name: _scanned_by(file, text) for name, text in statements.items()}
        return {name: tables for name, tables in found.items() if tables}


def texts_of(statement: SqlStatement) -> Iterator[tuple[str, str]]:
    """Yield the texts of a statement, each under a name of its own."""
    yield statement.name, statement.text
    if statement.many is not None:
        yield f"{statement.name}_many", statement.many


def _scanned_by(file: sqlite3.Connection, text: str) -> set[str]:
    plan = file.execute(f"EXPLAIN QUERY PLAN {text}", ["[]"] * text.count("?"))
    tables = {alias or table: table for table, alias in _SOURCE.findall(text)}
    scans = (_SCAN.match(row[3]) for row in plan)
    return {
        tables[scan[1]]
        for scan in scans
        if scan and tables.get(scan[1]) in GROWING and scan[2] not in OF_WHAT_IS_OPEN
    }


def _plan(server: psycopg.Connection[Any], text: str) -> Mapping[str, Any]:
    """Return the plan that fits any values."""
    parts = re.split(r"%[sb]", text)
    numbered = "".join(f"{part}${at}" for at, part in enumerate(parts[:-1], 1)) + parts[-1]
    values = f"({', '.join(['NULL'] * (len(parts) - 1))})" if parts[1:] else ""
    server.execute(f"PREPARE asked AS {numbered}".encode())
    answer = server.execute(f"EXPLAIN (FORMAT JSON) EXECUTE asked{values}".encode()).fetchone()
    server.execute(b"DEALLOCATE asked")
    assert answer is not None
    plan: Mapping[str, Any] = answer[0][0]["Plan"]
    return plan


def _scanned(node: Mapping[str, Any]) -> set[str]:
    found = set().union(*map(_scanned, node.get("Plans", ())))
    table, index = node.get("Relation Name"), node.get("Index Name")
    if node["Node Type"] == "Seq Scan" and table in GROWING:
        found.add(table)
    bounded = "Index Cond" in node or index in OF_WHAT_IS_OPEN
    if index and not bounded and (table is None or table in GROWING):
        found.add(table or index)
    return found
