"""台账经过: the table `ledger_history`, each row under a hash that only the ledger's keys make."""

import hmac
from typing import Final, NamedTuple

import orjson

from gateway.adapters.ledger.row_shapes import DAMAGED, RowShape
from gateway.adapters.ledger.timestamps import instant, micros
from gateway.domain.ledger_entry import LedgerEntry, LedgerStep
from gateway.ports.unreadable import UnreadableCode, UnreadableRow
from storage.sealing import Sealer
from storage.session import Row, Session

TABLE: Final = "ledger_history"


class LedgerHistoryRow(NamedTuple):
    """A row of `ledger_history`."""

    id: int
    at: int
    step: str
    actor: str
    mac: bytes


_SHAPE: Final = RowShape(LedgerHistoryRow)


class SqlLedgerHistory:
    """`LedgerHistory` inside one transaction of `session`."""

    __slots__ = ("_sealer", "_session")

    def __init__(self, session: Session, sealer: Sealer) -> None:
        self._session, self._sealer = session, sealer

    def add(self, entry: LedgerEntry) -> None:
        """Append an entry."""
        at, step, actor = micros(entry.at), entry.step.value, entry.actor
        mac = _mac(self._sealer, at, step, actor)
        self._session.change("add_ledger_entry", at, step, actor, mac)

    def has(self, step: LedgerStep) -> bool:
        """Whether there is an entry of a step that was written with the ledger's keys."""
        entries = read_ledger_history(self._session, self._sealer)
        return any(isinstance(one, LedgerEntry) and one.step is step for one in entries)


def read_ledger_history(session: Session, sealer: Sealer) -> list[LedgerEntry | UnreadableRow]:
    """Return what happened to the ledger, oldest first; an altered row by its number."""
    return [_entry(sealer, row) for row in session.rows("ledger_history")]


def _entry(sealer: Sealer, values: Row) -> LedgerEntry | UnreadableRow:
    try:
        row = _SHAPE.row(values)
        if not hmac.compare_digest(row.mac, _mac(sealer, row.at, row.step, row.actor)):
            return UnreadableRow(TABLE, str(row.id), UnreadableCode.SEAL_BROKEN)
        return LedgerEntry(LedgerStep(row.step), instant(row.at), row.actor)
    except DAMAGED:
        return UnreadableRow(TABLE, str(LedgerHistoryRow._make(values).id), UnreadableCode.DAMAGED)


def _mac(sealer: Sealer, at: int, step: str, actor: str) -> bytes:
    return sealer.mac(TABLE, orjson.dumps([at, step, actor]))
