"""分派单失效: mark in an agency's exchange tables which dispatches are over (前置库)."""

from collections.abc import Sequence

from gateway.domain.case import Case
from gateway.domain.exchange_rows import OpenDispatch, ending
from gateway.ports.exchange_tables import ExchangeTables
from gateway.ports.ledger import Ledger
from gateway.ports.store import Store
from schemas.reference.clock import Now


async def mark_ended(
    agency: str, rows: Sequence[OpenDispatch], *, tables: ExchangeTables, store: Store, now: Now
) -> int:
    """Mark those of `rows` that were decided on, withdrawn, reassigned or returned.

    The ledger alone decides, each time anew: what was missed while the database was away, or undone
    by hand, is marked at the next look. Returns how many.

    Raises:
        PeerUnavailable, StoreUnavailable: Some may be marked; the next look marks the rest.
    """
    keys = sorted({one.application_no for one in rows if one.application_no})

    def work(ledger: Ledger) -> dict[str, Case]:
        return dict(ledger.cases.read(keys))

    cases = await store.transact(work, durable=False) if keys else {}
    endings = {
        one.dispatch_no: status
        for one in rows
        if (status := ending(one, cases.get(one.application_no), agency)) is not None
    }
    if endings:
        await tables.end_dispatches(endings, now())
    return len(endings)
