"""The leader's duty to cases of before the seals: a few pages a turn, until all have theirs."""

import logging
from typing import Final

from gateway.events import say
from gateway.flows.case_seals import seal_cases
from gateway.ports.leadership import LeaderLease
from gateway.ports.store import Store
from schemas.reference.clock import Now

LOG: Final = logging.getLogger(__name__)
PAGES_A_TURN: Final = 25
"""So a turn is short; what is left is gone on with in the next."""


class CaseSeals:
    """Goes through the cases without a seal once in the life of a ledger."""

    def __init__(self, *, store: Store, now: Now) -> None:
        self._store, self._now = store, now
        self._after: str | None = ""

    async def carry_on(self, lease: LeaderLease) -> int:
        """Seal the next pages; return how many cases got their seal.

        Raises:
            LeaseLost, StoreUnavailable: What was done before stays done.
        """
        sealed = 0
        for _ in range(PAGES_A_TURN):
            if self._after is None:
                break
            page = await seal_cases(lease, after=self._after, store=self._store, now=self._now)
            self._after = None if page is None else page.last
            sealed += 0 if page is None else page.sealed
        if sealed:
            say(LOG, logging.WARNING, "cases.sealed", count=sealed)
        return sealed
