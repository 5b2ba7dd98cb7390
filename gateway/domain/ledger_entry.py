"""台账经过: what happened to the ledger as a whole, beside the histories of its cases."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class LedgerStep(StrEnum):
    """What happened to a ledger."""

    CASES_SEALED = "cases.sealed"
    """Every case bears a seal: from then on one without was stripped of it."""
    BACKUP_ACCEPTED = "backup.accepted"
    """A file that is older than what was last written was accepted by an operator."""


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One thing that happened to the ledger, when (UTC), and who did it."""

    step: LedgerStep
    at: datetime
    actor: str
