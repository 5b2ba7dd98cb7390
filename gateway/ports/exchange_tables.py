"""前置库: the exchange tables in an agency's own database."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from gateway.domain.exchange_rows import OpenDispatch, ResultRow, RowAnswer, StoredRow
from schemas.records.exchange_tables import DispatchStatus


class ExchangeTables(Protocol):
    """What the gateway does in an agency's database besides delivering dispatches.

    Every call is one transaction there, and raises `PeerUnavailable` where the database is out of
    reach or not as it must be; nothing, or all of it, was done then.
    """

    async def ready_results(self, *, after: str, limit: int) -> list[ResultRow]:
        """Return rows that are READY, by their ids after one."""
        ...

    async def answer(self, answers: Sequence[RowAnswer], at: datetime) -> None:
        """Write what became of rows; one that is not READY any more stays as it is."""
        ...

    async def open_dispatches(self, *, after: str, limit: int) -> list[OpenDispatch]:
        """Return dispatches that are READY or TAKEN, by their numbers after one."""
        ...

    async def end_dispatches(self, endings: Mapping[str, DispatchStatus], at: datetime) -> None:
        """Mark dispatches that are over."""
        ...

    async def stored_results(
        self, *, since: datetime, after: tuple[str, str], limit: int
    ) -> list[StoredRow]:
        """Return rows that were stored since then, by instant and id after a pair of them."""
        ...

    async def note_changed(self, changes: Sequence[RowAnswer], at: datetime) -> None:
        """Write that rows were changed after they had been stored."""
        ...
