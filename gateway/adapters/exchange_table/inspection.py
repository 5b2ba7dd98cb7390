"""检查前置库: step by step what an agency's database allows, and what is wrong with it.

The test dispatch is one row, written anew at each check: its status is TEST, its number begins with
TEST, its payload is no dispatch. Nobody can take it for a case.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import orjson

from gateway.adapters.exchange_table.database import (
    AgencyDatabase,
    TableSession,
    as_bytes,
    as_text,
    comes_back,
)
from gateway.adapters.exchange_table.dialect import PROBE
from gateway.adapters.exchange_table.tables import written
from gateway.errors import PeerFailure, PeerUnavailable
from schemas.records.canonical_form import bytes_digest
from schemas.records.exchange_tables import DispatchStatus, ResultStatus
from schemas.reference.clock import Now

TEST: Final = "TEST"
"""What the numbers of a test dispatch begin with; no number of the gateway does."""
MOST_ERRORS: Final = 5
_MOST_STATUSES: Final = 20
_KNOWN: Final = frozenset(ResultStatus)
_LOOKS: Final = ("look_dispatches", "look_results", "look_errors")
_RIGHTS: Final = ("may_add_dispatch", "may_end_dispatch", "may_store_result", "may_add_error")


class InspectionStep(StrEnum):
    """What is looked at, in this order."""

    CONNECTION = "connection"
    TABLES = "tables"
    RIGHTS = "rights"
    CHARACTER_SET = "character-set"
    TEST_DISPATCH = "test-dispatch"
    STATUSES = "statuses"
    ERRORS = "errors"


@dataclass(frozen=True, slots=True)
class Inspected:
    """What one step came to: a failure, or what was found (statuses, codes of errors)."""

    step: InspectionStep
    failure: PeerFailure | None = None
    found: tuple[str, ...] = ()


async def inspect(database: AgencyDatabase, now: Now) -> AsyncIterator[Inspected]:
    """Yield what each step came to, up to the first that fails."""
    steps: tuple[tuple[InspectionStep, Callable[[TableSession], tuple[str, ...]]], ...] = (
        (InspectionStep.CONNECTION, _connect),
        (InspectionStep.TABLES, _find_tables),
        (InspectionStep.RIGHTS, _try_rights),
        (InspectionStep.CHARACTER_SET, lambda session: _characters(database, session)),
        (InspectionStep.TEST_DISPATCH, lambda session: _write_test(database, session, now)),
        (InspectionStep.STATUSES, _statuses),
        (InspectionStep.ERRORS, _errors),
    )
    for step, work in steps:
        try:
            found = await database.call(work, as_it_is=True)
            if step is InspectionStep.TEST_DISPATCH:
                await database.call(lambda session: _read_test(database, session), as_it_is=True)
        except PeerUnavailable as exc:
            yield Inspected(step, exc.failure)
            return
        yield Inspected(step, None, found)


def _connect(session: TableSession) -> tuple[str, ...]:
    session.rows("round_trip", TEST)
    return ()


def _find_tables(session: TableSession) -> tuple[str, ...]:
    for name in _LOOKS:
        session.rows(name)
    return ()


def _try_rights(session: TableSession) -> tuple[str, ...]:
    for name in _RIGHTS:
        session.change(name)
    return ()


def _characters(database: AgencyDatabase, session: TableSession) -> tuple[str, ...]:
    if not session.keeps_every_character() or not comes_back(session):
        raise PeerUnavailable(database.agency, PeerFailure.TABLES_CHARACTER_SET)
    return ()


def number_of_test(agency: str) -> str:
    """Return the number of an agency's test dispatch."""
    return f"{TEST}-{agency}"


def _write_test(database: AgencyDatabase, session: TableSession, now: Now) -> tuple[str, ...]:
    at, number = written(now()), number_of_test(database.agency)
    payload = orjson.dumps({"test": True, "probe": PROBE, "written_at": at}).decode()
    digest = bytes_digest(payload.encode())
    status = DispatchStatus.TEST.value
    if not session.rows_among("stored_dispatches", (number,)):
        row = (number, TEST, None, at, payload, digest, status, at)
        session.change("add_dispatch", *row)
    else:
        session.change("replace_test", at, payload, digest, at, number, status)
    return (number,)


def _read_test(database: AgencyDatabase, session: TableSession) -> None:
    """Read the test dispatch back over another connection, as the agency does."""
    rows = session.rows_among("stored_dispatches", (number_of_test(database.agency),))
    payloads = [as_bytes(payload) for _, payload in rows]
    try:
        probes = [orjson.loads(payload)["probe"] for payload in payloads]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        probes = []
    if probes != [PROBE]:
        raise PeerUnavailable(database.agency, PeerFailure.TABLES_CHARACTER_SET)


def _statuses(session: TableSession) -> tuple[str, ...]:
    """Return statuses of results that mean nothing: a row with one is never looked at."""
    unknown: list[str] = []
    last = ""
    for _ in range(_MOST_STATUSES):
        ((status,),) = session.rows("next_status", last)
        if status is None:
            break
        last = as_text(status)
        if last not in _KNOWN:
            unknown.append(last)
    return tuple(unknown)


def _errors(session: TableSession) -> tuple[str, ...]:
    return tuple(as_text(code) for _, code in session.rows("open_errors", MOST_ERRORS))
