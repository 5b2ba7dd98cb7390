"""前置库: a stand-in agency whose gateway is three tables in a SQLite file of its own.

It does what an agency's SQL programmer does: takes rows that are READY, writes rows that are whole,
sets them READY, and reads what became of them.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

import orjson

from contracts.publish.table_definitions import TABLE_DIALECTS, definition
from contracts.verify.schema_validator import SchemaValidator
from schemas.calls.refusals import problem
from schemas.records.canonical_form import content_digest
from schemas.records.dispatches import Dispatch
from schemas.records.exchange_tables import ResultKind, ResultStatus
from schemas.records.receipts import ItemResult, ItemStatus, Receipt
from schemas.records.strict_json import RawItem, read_single_item
from simulator.errors import InvalidAnswer
from simulator.exchanges.receipts import receipt
from simulator.exchanges.signed_client import Unanswered
from simulator.timer import Timer

T = TypeVar("T")
_LOCK_S: Final = 10.0
_LOOK_S: Final = 0.05
_LOOKS: Final = 300
"""How often a row is looked at before its answer counts as none: 15 s, as with messages."""
_PAGE: Final = 100
_TABLES: Final = "SELECT COUNT(*) FROM sqlite_master WHERE name = 'duijie_result'"
_READY: Final = (
    "SELECT payload FROM duijie_dispatch WHERE status = 'READY' ORDER BY dispatch_no LIMIT ?"
)
_TAKE: Final = (
    "UPDATE duijie_dispatch SET status = 'TAKEN' WHERE dispatch_no = ? AND status = 'READY'"
)
_DRAFT: Final = (
    "INSERT INTO duijie_result (result_id, kind, payload) VALUES (?, ?, ?)"
    " ON CONFLICT (result_id) DO NOTHING"
)
_RELEASE: Final = (
    "UPDATE duijie_result SET status = 'READY' WHERE result_id = ? AND status = 'DRAFT'"
)
_ANSWER: Final = (
    "SELECT r.status, r.receipt, e.code FROM duijie_result r"
    " LEFT JOIN duijie_error e ON e.result_id = r.result_id WHERE r.result_id = ?"
)


class _Answer(NamedTuple):
    status: str
    receipt: str | None
    code: str | None


class TableConnection:
    """`AgencyConnection` over the file `path`; it is made with the published script."""

    def __init__(self, path: Path, validator: SchemaValidator, timer: Timer) -> None:
        self._path, self._validator, self._timer = path, validator, timer
        with closing(self._open()) as connection:
            if not connection.execute(_TABLES).fetchone()[0]:
                connection.executescript(definition(TABLE_DIALECTS["sqlite"]))

    async def fetch_dispatches(self) -> list[RawItem]:
        """Return the dispatches that are READY."""
        rows = await self._run(lambda one: one.execute(_READY, (_PAGE,)).fetchall())
        if not rows:
            await self._timer.sleep(_LOOK_S)
        return [read_single_item(payload.encode()) for (payload,) in rows]

    async def acknowledge_dispatches(
        self, items: Sequence[RawItem], stored_at: datetime
    ) -> tuple[ItemResult, ...]:
        """Set dispatches to TAKEN, which is all that there is to say."""
        dispatches = [Dispatch.read(item.content) for item in items]
        numbers = [(one.dispatch_no,) for one in dispatches]
        await self._run(lambda one: one.executemany(_TAKE, numbers))
        return tuple(_taken(one, stored_at) for one in dispatches)

    async def submit_outcomes(
        self, outcomes: Sequence[bytes], *, trace_id: str | None
    ) -> tuple[ItemResult, ...]:
        """Hand results in; a row has no trace."""
        return await self._hand_in(ResultKind.OUTCOME, outcomes)

    async def return_dispatches(
        self, returns: Sequence[bytes], *, trace_id: str | None
    ) -> tuple[ItemResult, ...]:
        """Give dispatches back (退回)."""
        return await self._hand_in(ResultKind.RETURN, returns)

    async def submit_registrations(self, registrations: Sequence[bytes]) -> tuple[ItemResult, ...]:
        """Hand local registrations in."""
        return await self._hand_in(ResultKind.REGISTRATION, registrations)

    async def submit_deregistrations(
        self, deregistrations: Sequence[bytes]
    ) -> tuple[ItemResult, ...]:
        """Hand deregistrations in."""
        return await self._hand_in(ResultKind.DEREGISTRATION, deregistrations)

    def check(self, record: str, body: bytes) -> None:
        """Check what is about to be written against the published schema.

        Raises:
            InvalidAnswer: The schema does not allow it.
        """
        if faults := self._validator.check(record, body):
            raise InvalidAnswer(record, faults[0].rule)

    async def _hand_in(self, kind: ResultKind, records: Sequence[bytes]) -> tuple[ItemResult, ...]:
        """Write each record into a row, let it be taken, and return what became of it.

        A record that goes again finds its row: the same one, by the digest of its bytes.
        """
        rows = {f"{kind}-{sha256(one).hexdigest()[:32]}": one for one in records}
        drafts = [(number, kind.value, one.decode()) for number, one in rows.items()]
        await self._run(lambda one: one.executemany(_DRAFT, drafts))
        await self._run(lambda one: one.executemany(_RELEASE, [(number,) for number in rows]))
        by_row = {number: await self._answered(number) for number in rows}
        return tuple(by_row[f"{kind}-{sha256(one).hexdigest()[:32]}"] for one in records)

    async def _answered(self, number: str) -> ItemResult:
        for _ in range(_LOOKS):
            rows = await self._run(lambda one: one.execute(_ANSWER, (number,)).fetchall())
            if result := _result(_Answer(*rows[-1])):
                return result
            await self._timer.sleep(_LOOK_S)
        raise Unanswered("nobody looked at a row in time")

    async def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return await asyncio.to_thread(partial(self._transact, work))

    def _transact(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            with closing(self._open()) as connection, connection:
                return work(connection)
        except sqlite3.Error as exc:
            raise Unanswered(type(exc).__name__) from exc

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, timeout=_LOCK_S)


def _taken(dispatch: Dispatch, at: datetime) -> ItemResult:
    number, digest = dispatch.dispatch_no, content_digest(dispatch)
    given = receipt(number, "dispatch", revision=1, digest=digest, at=at)
    return ItemResult(status=ItemStatus.ACCEPTED, receipt=Receipt.read(given))


def _result(answer: _Answer) -> ItemResult | None:
    """Return what became of a row, None while it waits."""
    if answer.status in {ResultStatus.TAKEN, ResultStatus.CHANGED}:
        given = Receipt.read(orjson.dumps(orjson.loads(answer.receipt or "null")))
        return ItemResult(status=ItemStatus.ACCEPTED, receipt=given)
    if answer.status == ResultStatus.REFUSED and answer.code is not None:
        return ItemResult(status=ItemStatus.REFUSED, problem=problem(answer.code))
    return None
