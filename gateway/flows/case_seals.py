"""补封: after an upgrade, cases that were written before there were seals are sealed, once.

A page at a time and each in a transaction of its own; what a death leaves is found again, since the
work list is the cases without a seal. The last page enters into the history of the ledger that all
have theirs. From then on nothing is sealed so any more: a case without a seal was stripped of it.
"""

from typing import Final

from gateway.domain.ledger_entry import LedgerEntry, LedgerStep
from gateway.ports.leadership import LeaderLease
from gateway.ports.ledger import Ledger
from gateway.ports.store import Store
from gateway.ports.unsealed_cases import SealedPage
from schemas.reference.clock import Now

SEALED_AT_ONCE: Final = 200
"""A short transaction: messages wait beside it."""
ACTOR: Final = "maintenance"


async def seal_cases(
    lease: LeaderLease, *, after: str, store: Store, now: Now
) -> SealedPage | None:
    """Seal one page of cases without a seal; None where that was done once for all.

    Raises:
        LeaseLost: Another process leads now; nothing was changed.
        StoreUnavailable: Nothing was changed, or that is unknown; do it again.
    """
    at = now()

    def work(ledger: Ledger) -> SealedPage | None:
        ledger.leadership.ensure_held(lease)
        if ledger.history.has(LedgerStep.CASES_SEALED):
            return None
        page = ledger.unsealed_cases.seal(after=after, limit=SEALED_AT_ONCE)
        if page.last is None:
            ledger.history.add(LedgerEntry(LedgerStep.CASES_SEALED, at, ACTOR))
        return page

    return await store.transact(work)
