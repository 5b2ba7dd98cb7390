"""What a stand-in agency needs of its gateway, by messages or by exchange tables (前置库)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from schemas.records.receipts import ItemResult
from schemas.records.strict_json import RawItem


class AgencyConnection(Protocol):
    """One agency's connection; it sends nothing that the published schema does not allow.

    Every call raises `Unanswered` when there is no answer that can be believed and read.
    """

    async def fetch_dispatches(self) -> list[RawItem]:
        """Return the dispatches that wait, after a while if there are none."""
        ...

    async def acknowledge_dispatches(
        self, items: Sequence[RawItem], stored_at: datetime
    ) -> tuple[ItemResult, ...]:
        """Say that dispatches are stored (分派确认); return the answer to each, in order."""
        ...

    async def submit_outcomes(
        self, outcomes: Sequence[bytes], *, trace_id: str | None
    ) -> tuple[ItemResult, ...]:
        """Hand results in and return the answer to each, in order."""
        ...

    async def return_dispatches(
        self, returns: Sequence[bytes], *, trace_id: str | None
    ) -> tuple[ItemResult, ...]:
        """Give dispatches back (退回) and return the answer to each, in order."""
        ...

    async def submit_registrations(self, registrations: Sequence[bytes]) -> tuple[ItemResult, ...]:
        """Hand local registrations in and return the answer to each, in order."""
        ...

    async def submit_deregistrations(
        self, deregistrations: Sequence[bytes]
    ) -> tuple[ItemResult, ...]:
        """Hand deregistrations in and return the answer to each, in order."""
        ...

    def check(self, record: str, body: bytes) -> None:
        """Check what is about to be sent against the published schema.

        Raises:
            InvalidAnswer: The schema does not allow it.
        """
        ...
