"""对账查阅: what is read to compare a day, beside the units of work."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import Final, NamedTuple

from gateway.adapters.ledger.day_book import day_book_page, first_day
from gateway.adapters.ledger.discrepancies import (
    count_discrepancies,
    discrepancies_in_state,
    discrepancies_of_day,
)
from gateway.adapters.ledger.inbox import InboxRow, read_entry
from gateway.adapters.ledger.reconciliations import as_reconciliation, statement_page
from gateway.adapters.ledger.row_shapes import DAMAGED
from gateway.adapters.ledger.seals import open_body
from gateway.adapters.ledger.timestamps import instant
from gateway.domain.discrepancies import DiscrepancyState, RecordedDiscrepancy
from gateway.domain.outbox_rules import MessageKind
from gateway.ports import PORTAL
from gateway.ports.inbox import IdempotencyKey
from gateway.ports.reconciliations import Reconciliation
from gateway.ports.reconciling_views import ReceivedRecord, UploadRecord
from schemas.records.statements import StatementEntry
from storage.errors import SealBroken
from storage.sealing import Sealer
from storage.session import Row, Session

_KINDS: Final = {kind.value: kind for kind in MessageKind}


class ReceivedRow(NamedTuple):
    """A row of `inbox` as it is read here."""

    source: str
    key: str
    kind: str
    revision: int
    digest: str
    receipt: bytes
    at: int


class UploadRow(NamedTuple):
    """A row of `outbox` as it is read here."""

    case_key: str
    kind: str
    number: str
    revision: int
    body: bytes
    parked_at: int | None
    ended_at: int | None


class SqlReconcilingViews:
    """`ReconcilingViews` inside one read-only transaction of `session`."""

    __slots__ = ("_sealer", "_session")

    def __init__(self, session: Session, sealer: Sealer) -> None:
        self._session, self._sealer = session, sealer

    def of(self, day: date) -> Reconciliation | None:
        """Return how far a day is; None where it was never begun."""
        for row in self._session.rows("reconciliation_of", day.isoformat()):
            return as_reconciliation(row, self._sealer)
        return None

    def since(self, day: date) -> list[Reconciliation]:
        """Return how far the days from one on are, in order, those that were begun."""
        rows = self._session.rows("reconciliations_since", day.isoformat())
        return [as_reconciliation(row, self._sealer) for row in rows]

    def newest_done(self) -> tuple[date, datetime] | None:
        """Return the latest day that is compared to its end, and since when."""
        for day, at in self._session.rows("newest_reconciled"):
            return date.fromisoformat(day), instant(at)
        return None

    def first_day(self) -> date | None:
        """Return the first day on which anything passed; None where nothing did."""
        return first_day(self._session)

    def statement(
        self, day: date, *, after: str, limit: int
    ) -> list[tuple[str, tuple[StatementEntry, ...]]]:
        """Return lines of the statement in hand with their entries, after one."""
        return statement_page(self._session, self._sealer, day, after=after, limit=limit)

    def day_book(self, day: date, *, after: str, limit: int) -> list[tuple[str, datetime]]:
        """Return what passed on a day by our book, by line, after one."""
        return day_book_page(self._session, day, after=after, limit=limit)

    def received(self, keys: Sequence[str]) -> dict[tuple[str, str], ReceivedRecord]:
        """Return what is remembered under some application numbers, by kind and number."""
        rows = self._session.rows_among("received_of", keys, PORTAL) if keys else []
        found = map(ReceivedRow._make, rows)
        return {(row.kind, row.key): self._received(row) for row in found}

    def uploads(self, keys: Sequence[str]) -> dict[str, tuple[UploadRecord, ...]]:
        """Return every record to the national side about some cases."""
        found: dict[str, tuple[UploadRecord, ...]] = {}
        rows = self._session.rows_among("uploads_of", keys, PORTAL) if keys else []
        for row in map(UploadRow._make, rows):
            if row.kind in _KINDS:
                found[row.case_key] = (*found.get(row.case_key, ()), self._upload(row))
        return found

    def in_state(
        self, state: DiscrepancyState, *, after: int, limit: int
    ) -> list[RecordedDiscrepancy]:
        """Return open differences in one state by number, after one."""
        return discrepancies_in_state(self._session, state, after=after, limit=limit)

    def of_day(self, day: date, *, run: int, limit: int) -> list[RecordedDiscrepancy]:
        """Return the differences of a day that this run or a later one found."""
        return discrepancies_of_day(self._session, day, run, limit)

    def counts(self) -> Mapping[tuple[str, str], int]:
        """Return how many differences are open, by kind and state."""
        return count_discrepancies(self._session)

    def _received(self, row: ReceivedRow) -> ReceivedRecord:
        key = IdempotencyKey(row.source, row.key, row.kind, row.revision)
        values: Row = InboxRow(*key, row.digest, row.receipt)
        digest = ""
        with suppress(*DAMAGED, SealBroken):  # whoever repairs the row compares it
            digest = read_entry(self._sealer, key, values).digest
        return ReceivedRecord(digest, instant(row.at))

    def _upload(self, row: UploadRow) -> UploadRecord:
        body = b""
        with suppress(*DAMAGED, SealBroken):
            body = open_body(
                self._sealer, kind=row.kind, peer=PORTAL, number=row.number, sealed=row.body
            )
        settled = row.ended_at is not None
        return UploadRecord(
            _KINDS[row.kind], row.revision, body, row.parked_at is not None and not settled, settled
        )
