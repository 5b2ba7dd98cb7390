"""What the ledger tells, counted and logged: unreadable rows, a full quarantine, lost answers."""

import logging
import threading
from typing import Final

from gateway.events import say
from gateway.metrics import Metrics
from gateway.ports.unreadable import UnreadableCode, UnreadableRow

LOG: Final = logging.getLogger(__name__)
_LOGGED_ROWS: Final = 10_000
_EVENTS: Final = {
    UnreadableCode.DAMAGED: "row.unreadable",
    UnreadableCode.SEAL_BROKEN: "seal.broken",
}


class LedgerEvents:
    """`LedgerObserver` of a gateway: every reading counts, a row is logged once a process."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._logged: set[UnreadableRow] = set()
        self._lock = threading.Lock()

    def unreadable(self, row: UnreadableRow) -> None:
        """Count and log a row that cannot be read."""
        with self._lock:
            self._metrics.count(self._metrics.unreadable_rows, row.table, row.code)
            if row in self._logged or len(self._logged) >= _LOGGED_ROWS:
                return
            self._logged.add(row)
        say(
            LOG,
            logging.ERROR,
            _EVENTS[row.code],
            table=row.table,
            message_no=row.key,
            code=row.code.value,
        )

    def quarantine_full(self, source: str, count: int) -> None:
        """Count and log items for which there is no room."""
        with self._lock:
            self._metrics.count(self._metrics.quarantine_refused, source, by=count)
        say(LOG, logging.CRITICAL, "quarantine.full", peer=source, count=count)

    def commit_unknown(self, count: int) -> None:
        """Count and log units of work of which nobody knows whether they are stored."""
        with self._lock:
            self._metrics.count(self._metrics.commits_unknown, by=count)
        say(LOG, logging.ERROR, "store.commit-unknown", count=count)
