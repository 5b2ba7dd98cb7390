"""无法读取的行: what one transaction found unreadable is told, and quarantined by itself."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from gateway.adapters.ledger.observer import LedgerObserver
from gateway.adapters.ledger.quarantine import SqlQuarantine
from gateway.domain.detail import Detail
from gateway.ports.quarantine import LEDGER, QuarantinedItem
from gateway.ports.unreadable import UnreadableCode, UnreadableRow
from schemas.reference.clock import Now
from storage.errors import SealBroken
from storage.session import Row


def code_of(error: BaseException) -> UnreadableCode:
    """Return why a row could not be read."""
    sealed = isinstance(error, SealBroken)
    return UnreadableCode.SEAL_BROKEN if sealed else UnreadableCode.DAMAGED


def tell_unreadable(
    observer: LedgerObserver, table: str, key: str, error: BaseException
) -> UnreadableRow:
    """Tell of a row that could not be read, and return what to show in its place."""
    found = UnreadableRow(table, key, code_of(error))
    observer.unreadable(found)
    return found


@dataclass(frozen=True, slots=True)
class RowDamage:
    """Why a row could not be read: its key as text, the error, and the row as it stands."""

    key: str
    error: Exception
    row: Row


class UnreadableRows:
    """Tells of the unreadable rows of one transaction, and keeps a copy of each in quarantine.

    The row itself stays where it is: it may be repaired there.
    """

    __slots__ = ("_now", "_observer", "_quarantine")

    def __init__(self, quarantine: SqlQuarantine, now: Now, observer: LedgerObserver) -> None:
        self._quarantine, self._now, self._observer = quarantine, now, observer

    def note_page(self, table: str, damages: Sequence[RowDamage]) -> None:
        """Tell of rows of a page and quarantine a copy of each as it stands, all at once."""
        if not damages:
            return
        found = [tell_unreadable(self._observer, table, one.key, one.error) for one in damages]
        copies = zip(found, damages, strict=True)
        self._quarantine.add([self._copy(row, damage.row) for row, damage in copies])

    def _copy(self, found: UnreadableRow, row: Row) -> QuarantinedItem:
        return QuarantinedItem(
            source=LEDGER,
            key=found.key,
            reason=found.code,
            detail=str(Detail(found.code, {"table": found.table})),
            digest=hashlib.sha256(f"{found.table}\x1f{found.key}".encode()).hexdigest(),
            content=orjson.dumps(list(row), default=_as_text),
            at=self._now(),
        )


def text_of(key: object) -> str:
    """Return a key as text, whatever stands in its column."""
    return key if isinstance(key, str) else repr(key)


def _as_text(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else repr(value)
