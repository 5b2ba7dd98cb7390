"""台账 over named statements: what one transaction can do, the same on both stores."""

from datetime import datetime

from gateway.adapters.ledger.cases import SqlCases
from gateway.adapters.ledger.inbox import SqlInbox
from gateway.adapters.ledger.nonces import SqlNonces
from gateway.adapters.ledger.outbox import SqlOutbox
from gateway.adapters.ledger.quarantine import SqlQuarantine
from schemas.reference.clock import Now
from storage.sealing import Sealer
from storage.session import Session


class SqlLedger:
    """`Ledger` inside one transaction of `session`; used for one unit of work only."""

    __slots__ = ("_session", "cases", "inbox", "nonces", "outbox", "quarantine")

    def __init__(self, session: Session, sealer: Sealer, now: Now) -> None:
        self._session = session
        self.cases = SqlCases(session, sealer)
        self.inbox = SqlInbox(session)
        self.outbox = SqlOutbox(session, sealer, now)
        self.quarantine = SqlQuarantine(session, sealer)
        self.nonces = SqlNonces(session)

    @property
    def peers(self) -> set[str]:
        """Whom to notify after the commit: the peers that got messages."""
        return self.outbox.peers

    def sweep(self, now: datetime) -> None:
        """Forget some useless nonces."""
        self.nonces.sweep(now)

    def probe_write(self) -> None:
        """Write for the sake of writing: what readiness asks for."""
        self._session.change("probe_write")
