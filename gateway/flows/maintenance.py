"""维护: what one process at a time does for all of them, as the leader (主节点)."""

from datetime import timedelta
from typing import Final

from gateway.ports.leadership import LeaderLease
from gateway.ports.ledger import Ledger
from gateway.ports.store import Store
from schemas.reference.clock import Now

MAINTENANCE: Final = "maintenance"
LEASE_LENGTH: Final = timedelta(minutes=3)
"""Longer than any pause between two turns of the leader."""
NONCES_KEPT_FOR: Final = timedelta(minutes=10)
"""How long a nonce outlives its use, so that a clock set back does not make it new again."""
NONCES_AT_ONCE: Final = 500
"""A short transaction: messages wait beside it."""


async def lead(
    *,
    holder: str,
    store: Store,
    now: Now,
    name: str = MAINTENANCE,
    length: timedelta = LEASE_LENGTH,
) -> LeaderLease | None:
    """Return the lease on what `name` says, taken or renewed; None while another process leads.

    `length` is longer than any pause between two turns of the leader.
    """
    at = now()

    def work(ledger: Ledger) -> LeaderLease | None:
        return ledger.leadership.acquire(name, holder=holder, now=at, length=length)

    return await store.transact(work, durable=False)


async def delete_expired_nonces(lease: LeaderLease, *, store: Store, now: Now) -> int:
    """Delete some nonces that nobody could use any more; return how many, 0 when all are gone.

    Raises:
        LeaseLost: Another process leads now; nothing was deleted.
    """
    before = now() - NONCES_KEPT_FOR

    def work(ledger: Ledger) -> int:
        ledger.leadership.ensure_held(lease)
        return ledger.nonces.delete_expired(before, limit=NONCES_AT_ONCE)

    return await store.transact(work, durable=False)


async def step_down(lease: LeaderLease, *, store: Store) -> None:
    """Let another process lead at once."""

    def work(ledger: Ledger) -> None:
        ledger.leadership.release(lease)

    await store.transact(work, durable=False)
