"""`ExchangeTables` and `AgencySystem` over the three tables of an agency's database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final, Self

import orjson

from gateway.adapters.exchange_table.database import (
    AgencyDatabase,
    TableSession,
    as_bytes,
    as_text,
)
from gateway.domain.exchange_rows import OpenDispatch, ResultRow, RowAnswer, StoredRow
from gateway.domain.receipts import receipt
from gateway.flows.failpoints import Failpoint, FailpointHook, no_hook
from schemas.calls.refusals import problem
from schemas.records.canonical_form import digest_of_received
from schemas.records.dispatches import Dispatch
from schemas.records.exchange_tables import KEY_COLUMNS, DispatchStatus, ResultStatus
from schemas.records.json_errors import LONGEST_ITEM_BYTES
from schemas.records.receipts import ItemResult, ItemStatus, Receipt
from schemas.reference.clock import Now

_MORE_THAN_AN_ITEM: Final = LONGEST_ITEM_BYTES + 1
_REFUSED: Final = ItemResult(status=ItemStatus.REFUSED, problem=problem("message.invalid"))
"""The answer to a dispatch that lacks its application."""


class AgencyTables:
    """The tables of one agency.

    A dispatch is delivered once its row is committed. The receipt is over the row as it is read
    back then, so that a row which the database garbled is not taken for the dispatch.
    """

    def __init__(
        self, database: AgencyDatabase, *, now: Now, hook: FailpointHook = no_hook
    ) -> None:
        self._database, self._now, self._hook = database, now, hook

    async def deliver(self, dispatches: Sequence[bytes]) -> tuple[ItemResult, ...]:
        """分派: see `AgencySystem.deliver`; what is there already under a number is left alone."""
        at = self._now()
        rows = [DispatchRow.read(one) for one in dispatches]
        whole = {row.dispatch_no: row for row in rows if row.application_no is not None}

        def work(session: TableSession) -> set[str]:
            known = _payloads(session, list(whole))
            for number, row in whole.items():
                if number not in known:
                    session.change("add_dispatch", *row.values(at))
            self._hook(Failpoint.TABLE_DISPATCH_WRITTEN)
            return set(known)

        if not whole:
            return tuple(_REFUSED for _ in rows)
        known = await self._database.call(work)
        stored = await self._database.call(lambda session: _payloads(session, list(whole)))
        return tuple(
            _result(self._database.agency, row, stored, was_there=row.dispatch_no in known, at=at)
            for row in rows
        )

    async def ready_results(self, *, after: str, limit: int) -> list[ResultRow]:
        """See `ExchangeTables.ready_results`."""

        def work(session: TableSession) -> list[ResultRow]:
            rows = session.rows("ready_results", _MORE_THAN_AN_ITEM, after, limit)
            return [_result_row(*row) for row in rows]

        return await self._database.call(work)

    async def answer(self, answers: Sequence[RowAnswer], at: datetime) -> None:
        """See `ExchangeTables.answer`."""

        def work(session: TableSession) -> None:
            for one in answers:
                _answer(session, one, at)

        await self._database.call(work)

    async def open_dispatches(self, *, after: str, limit: int) -> list[OpenDispatch]:
        """See `ExchangeTables.open_dispatches`."""

        def work(session: TableSession) -> list[OpenDispatch]:
            rows = session.rows("open_dispatches", after, limit)
            return [OpenDispatch(as_text(number), as_text(key)) for number, key in rows]

        return await self._database.call(work)

    async def end_dispatches(self, endings: Mapping[str, DispatchStatus], at: datetime) -> None:
        """See `ExchangeTables.end_dispatches`."""

        def work(session: TableSession) -> None:
            for number, status in endings.items():
                session.change("end_dispatch", status.value, written(at), number)

        await self._database.call(work)

    async def stored_results(
        self, *, since: datetime, after: tuple[str, str], limit: int
    ) -> list[StoredRow]:
        """See `ExchangeTables.stored_results`."""
        at, number = after

        def work(session: TableSession) -> list[StoredRow]:
            rows = session.rows(
                "stored_results", _MORE_THAN_AN_ITEM, written(since), at, at, number, limit
            )
            return [_stored_row(*row) for row in rows]

        return await self._database.call(work)

    async def note_changed(self, changes: Sequence[RowAnswer], at: datetime) -> None:
        """See `ExchangeTables.note_changed`."""

        def work(session: TableSession) -> None:
            for one in changes:
                session.change("change_result", one.result_id)
                _note_error(session, one, at)

        await self._database.call(work)


@dataclass(frozen=True, slots=True)
class DispatchRow:
    """A dispatch as its row has it; without its application it is none that anybody could use."""

    body: bytes
    dispatch_no: str
    application_no: str | None
    due_on: str | None
    dispatched_at: str

    @classmethod
    def read(cls, body: bytes) -> Self:
        """Return the row of a dispatch, which is the gateway's own JSON."""
        said = orjson.loads(body)
        application = said["application"] or {}
        return cls(
            body,
            said["dispatch_no"],
            application.get("application_no"),
            said.get("due_on"),
            said["dispatched_at"],
        )

    def values(self, at: datetime) -> tuple[str | None, ...]:
        """Return the values of the row, written at `at`, in the order of its columns."""
        return (
            self.dispatch_no,
            self.application_no,
            self.due_on,
            self.dispatched_at,
            self.body.decode(),
            digest_of_received(self.body, Dispatch.read),
            DispatchStatus.READY.value,
            written(at),
        )


def written(at: datetime) -> str:
    """Return an instant as the tables have it: all of one length, so that text is in order."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def _payloads(session: TableSession, numbers: Sequence[str]) -> dict[str, bytes]:
    rows = session.rows_among("stored_dispatches", numbers)
    return {as_text(number): as_bytes(payload) for number, payload in rows}


def _result(
    agency: str, row: DispatchRow, stored: Mapping[str, bytes], *, was_there: bool, at: datetime
) -> ItemResult:
    """Return the receipt for a row, over what is in it; one that is gone has no content."""
    if row.application_no is None:
        return _REFUSED
    number = row.dispatch_no
    digest = digest_of_received(stored.get(number, b""), Dispatch.read)
    given = receipt(agency, number, "dispatch", revision=1, digest=digest, at=at)
    status = ItemStatus.DUPLICATE if was_there else ItemStatus.ACCEPTED
    return ItemResult(status=status, receipt=Receipt.read(given))


def _result_row(result_id: object, kind: object, *rest: object) -> ResultRow:
    *beside, payload = rest
    columns = {name: as_text(value) for name, value in zip(KEY_COLUMNS, beside, strict=True)}
    return ResultRow(as_text(result_id), as_text(kind), columns, as_bytes(payload))


def _stored_row(
    result_id: object, kind: object, taken_at: object, taken_digest: object, payload: object
) -> StoredRow:
    digest = sha256(as_bytes(payload)).hexdigest()
    return StoredRow(
        as_text(result_id), as_text(kind), as_text(taken_at), as_text(taken_digest), digest
    )


def _answer(session: TableSession, one: RowAnswer, at: datetime) -> None:
    if one.status is ResultStatus.TAKEN:
        given = (one.receipt or b"").decode()
        session.change("store_result", written(at), one.digest, given, one.result_id)
    elif one.status is ResultStatus.REFUSED:
        session.change("refuse_result", one.digest, one.result_id)
    if one.refusal is not None:
        _note_error(session, one, at)


def _note_error(session: TableSession, one: RowAnswer, at: datetime) -> None:
    """Write an error unless it is there; the row of a result may have gone meanwhile."""
    if one.refusal is None or session.rows("known_error", one.error_id):
        return
    said = problem(one.refusal.code, errors=one.refusal.errors)
    errors = orjson.dumps([error.model_dump() for error in said.errors]).decode()
    session.change(
        "add_error",
        one.error_id,
        one.result_id,
        one.kind,
        said.code,
        said.title,
        said.detail,
        errors,
        one.digest,
        written(at),
    )
