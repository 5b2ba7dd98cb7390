"""台账经过: the table `ledger_history`, each row with a seal that only the ledger's keys make."""

from typing import Final, NamedTuple

from gateway.adapters.ledger.row_shapes import DAMAGED, RowShape
from gateway.adapters.ledger.seals import check_ledger_entry, seal_ledger_entry
from gateway.adapters.ledger.timestamps import instant, micros
from gateway.domain.ledger_entry import LedgerEntry, LedgerStep
from gateway.ports.unreadable import UnreadableCode, UnreadableRow
from storage.errors import SealBroken
from storage.sealing import Sealer
from storage.session import Row, Session

TABLE: Final = "ledger_history"


class LedgerHistoryRow(NamedTuple):
    """A row of `ledger_history`."""

    id: int
    at: int
    step: str
    actor: str
    seal: bytes


_SHAPE: Final = RowShape(LedgerHistoryRow)


class SqlLedgerHistory:
    """`LedgerHistory` inside one transaction of `session`."""

    __slots__ = ("_sealer", "_session")

    def __init__(self, session: Session, sealer: Sealer) -> None:
        self._session, self._sealer = session, sealer

    def add(self, entry: LedgerEntry) -> None:
        """Append an entry."""
        at, step, actor = micros(entry.at), entry.step.value, entry.actor
        seal = seal_ledger_entry(self._sealer, (at, step, actor))
        self._session.change("add_ledger_entry", at, step, actor, seal)

    def has(self, step: LedgerStep) -> bool:
        """Whether there is an entry of a step that was written with the ledger's keys."""
        entries = read_ledger_history(self._session, self._sealer)
        return any(isinstance(one, LedgerEntry) and one.step is step for one in entries)


def read_ledger_history(session: Session, sealer: Sealer) -> list[LedgerEntry | UnreadableRow]:
    """Return what happened to the ledger, oldest first; an altered row by its number."""
    return [_entry(sealer, row) for row in session.rows("ledger_history")]


def _entry(sealer: Sealer, values: Row) -> LedgerEntry | UnreadableRow:
    stored = LedgerHistoryRow._make(values)
    try:
        row = _SHAPE.row(values)
        check_ledger_entry(sealer, (row.at, row.step, row.actor), row.seal)
        return LedgerEntry(LedgerStep(row.step), instant(row.at), row.actor)
    except SealBroken:
        return UnreadableRow(TABLE, str(stored.id), UnreadableCode.SEAL_BROKEN)
    except DAMAGED:
        return UnreadableRow(TABLE, str(stored.id), UnreadableCode.DAMAGED)
