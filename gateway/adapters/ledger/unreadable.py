"""无法读取的行: what one transaction found unreadable is told, and quarantined by itself."""

import hashlib
from collections.abc import Sequence

import orjson

from gateway.adapters.ledger.observer import LedgerObserver
from gateway.adapters.ledger.quarantine import SqlQuarantine
from gateway.domain.detail import Detail
from gateway.ports.quarantine import LEDGER, QuarantinedItem
from gateway.ports.unreadable import UnreadableCode, UnreadableRow
from schemas.reference.clock import Now
from storage.errors import SealBroken


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


class UnreadableRows:
    """Tells of the unreadable rows of one transaction, and keeps a copy of each in quarantine.

    The row itself stays where it is: it may be repaired there.
    """

    __slots__ = ("_now", "_observer", "_quarantine")

    def __init__(self, quarantine: SqlQuarantine, now: Now, observer: LedgerObserver) -> None:
        self._quarantine, self._now, self._observer = quarantine, now, observer

    def note(
        self, table: str, key: str, error: BaseException, row: Sequence[object]
    ) -> UnreadableRow:
        """Tell of a row, quarantine a copy of it as it stands, and return what to show of it."""
        found = tell_unreadable(self._observer, table, key, error)
        copy = orjson.dumps(list(row), default=_as_text)
        item = QuarantinedItem(
            source=LEDGER,
            key=key,
            reason=found.code,
            detail=str(Detail(found.code, {"table": table})),
            digest=hashlib.sha256(f"{table}\x1f{key}".encode()).hexdigest(),
            content=copy,
            at=self._now(),
        )
        self._quarantine.add([item])
        return found


def text_of(key: object) -> str:
    """Return a key as text, whatever stands in its column."""
    return key if isinstance(key, str) else repr(key)


def _as_text(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else repr(value)
