"""差异办结: an operator who has looked into differences takes them off the desk's list.

One transaction: killed before its commit it never happened, and a repeat finds them closed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from gateway.domain.discrepancies import ClosedAs, DiscrepancyState, closed
from gateway.domain.operator_acts import OPERATOR
from gateway.ports.ledger import Ledger
from gateway.ports.store import Store
from schemas.reference.clock import Now


class CloseResult(StrEnum):
    """What became of one difference that was to be closed."""

    CLOSED = "closed"
    CLOSED_BEFORE = "closed-before"
    UNDER_WAY = "under-way"  # its remedy is under way: it is not with the desk
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ClosedDiscrepancy:
    """A difference by its number, and what became of it."""

    number: int
    result: CloseResult


async def close_discrepancies(
    numbers: Sequence[int], *, operator: str, store: Store, now: Now
) -> tuple[ClosedDiscrepancy, ...]:
    """Close differences that are with the desk; nothing else of the ledger is changed.

    Raises:
        StoreUnavailable: Nothing was changed.
    """
    at, by = now(), f"{OPERATOR}{operator}"

    def close(ledger: Ledger, number: int) -> CloseResult:
        one = ledger.discrepancies.find(number)
        if one is None:
            return CloseResult.UNKNOWN
        if one.closed_at is not None:
            return CloseResult.CLOSED_BEFORE
        if one.state is not DiscrepancyState.OPEN:
            return CloseResult.UNDER_WAY
        ledger.discrepancies.change([closed(one, ClosedAs.BY_OPERATOR, at, by)])
        return CloseResult.CLOSED

    def work(ledger: Ledger) -> tuple[ClosedDiscrepancy, ...]:
        wanted = dict.fromkeys(numbers)
        return tuple(ClosedDiscrepancy(number, close(ledger, number)) for number in wanted)

    return await store.transact(work)
