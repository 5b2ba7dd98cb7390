"""台账 over named statements: what one transaction can do, the same on both stores."""

from dataclasses import dataclass, field

from gateway.adapters.ledger.cases import SqlCases
from gateway.adapters.ledger.day_book import SqlDayBook
from gateway.adapters.ledger.directory import SqlDirectory
from gateway.adapters.ledger.disclosures import SqlDisclosures
from gateway.adapters.ledger.discrepancies import SqlDiscrepancies
from gateway.adapters.ledger.entry_texts import SqlEntryTexts
from gateway.adapters.ledger.inbox import SqlInbox
from gateway.adapters.ledger.lease_time import LeaseTime
from gateway.adapters.ledger.leases import SqlLeadership
from gateway.adapters.ledger.ledger_history import SqlLedgerHistory
from gateway.adapters.ledger.nonces import SqlNonces
from gateway.adapters.ledger.notices import SqlNotices
from gateway.adapters.ledger.observer import LedgerObserver, NoObserver
from gateway.adapters.ledger.outbox import SqlOutbox
from gateway.adapters.ledger.quarantine import ROOM, SqlQuarantine
from gateway.adapters.ledger.reconciliations import SqlReconciliations
from gateway.adapters.ledger.sealed_rows import SqlSealedRows
from gateway.adapters.ledger.superseded import SqlSuperseded
from gateway.adapters.ledger.table_editions import SqlTableEditions
from gateway.adapters.ledger.unreadable import UnreadableRows
from gateway.adapters.ledger.unsealed_cases import SqlUnsealedCases
from schemas.reference.clock import Now
from storage.sealing import Sealer
from storage.session import Session


@dataclass(frozen=True, slots=True)
class LedgerTerms:
    """What every unit of work goes by: keys, time, whom it tells, how much is quarantined."""

    sealer: Sealer
    now: Now
    observer: LedgerObserver = field(default_factory=NoObserver)
    quarantine_room: int = ROOM
    lease_now: Now | None = None
    """What leases go by; None where `now` never steps, as a clock of tests does not."""


class SqlLedger:
    """`Ledger` inside one transaction of `session`; used for one unit of work only."""

    __slots__ = (
        "_session",
        "cases",
        "day_book",
        "directory",
        "disclosures",
        "discrepancies",
        "entry_texts",
        "history",
        "inbox",
        "leadership",
        "nonces",
        "notices",
        "outbox",
        "quarantine",
        "reconciliations",
        "sealed_rows",
        "superseded",
        "table_editions",
        "unsealed_cases",
    )

    def __init__(self, session: Session, terms: LedgerTerms) -> None:
        sealer, now = terms.sealer, terms.now
        self._session = session
        self.quarantine = SqlQuarantine(session, sealer, terms.observer, terms.quarantine_room)
        unreadable = UnreadableRows(self.quarantine, now, terms.observer)
        self.cases = SqlCases(session, sealer, unreadable)
        self.directory = SqlDirectory(session, sealer)
        self.disclosures = SqlDisclosures(session, sealer)
        self.entry_texts = SqlEntryTexts(session, sealer)
        self.inbox = SqlInbox(session, sealer, unreadable)
        time = LeaseTime(now, terms.lease_now)
        self.outbox = SqlOutbox(session, sealer, now, time, unreadable)
        self.nonces = SqlNonces(session, time)
        self.notices = SqlNotices(session)
        self.leadership = SqlLeadership(session, time)
        self.superseded = SqlSuperseded(session)
        self.table_editions = SqlTableEditions(session, sealer, terms.observer)
        self.sealed_rows = SqlSealedRows(session, sealer)
        self.unsealed_cases = SqlUnsealedCases(session, sealer)
        self.day_book = SqlDayBook(session)
        self.reconciliations = SqlReconciliations(session, sealer)
        self.discrepancies = SqlDiscrepancies(session)
        self.history = SqlLedgerHistory(session, sealer)

    @property
    def peers(self) -> set[str]:
        """Whom to notify after the commit: the peers with new messages, and who needs the list."""
        return self.outbox.peers | self.directory.peers

    def probe_write(self, padding: bytes) -> None:
        """Write for the sake of writing: what readiness asks for."""
        self._session.change("probe_write", padding or None)
