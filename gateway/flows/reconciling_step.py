"""对账的一步: what every step of a reconciliation works with, and the lease that it renews."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from gateway.errors import LeaseLost
from gateway.flows.failpoints import FailpointHook, no_hook
from gateway.ports.leadership import LeaderLease
from gateway.ports.ledger import Ledger
from gateway.ports.peers import Portal, StatementSource
from gateway.ports.reconciliations import Reconciliation
from gateway.ports.store import Store
from schemas.reference.clock import Now

RECONCILIATION: Final = "reconciliation"
"""What the lease is on."""
LEASE_LENGTH: Final = timedelta(minutes=3)
"""Longer than any call of the national side; each step renews it."""


@dataclass(frozen=True, slots=True)
class ReconcilingTerms:
    """What a reconciliation works with: `areas` are the spellings of the province's division."""

    statements: StatementSource
    portal: Portal
    store: Store
    areas: frozenset[str]
    now: Now
    hook: FailpointHook = no_hook


def hold(ledger: Ledger, lease: LeaderLease, at: datetime) -> None:
    """Renew the lease; none can take it before this transaction ends.

    Raises:
        LeaseLost: Another process reconciles, or did meanwhile; nothing may be written.
    """
    renewed = ledger.leadership.acquire(
        lease.name, holder=lease.holder, now=at, length=LEASE_LENGTH
    )
    if renewed is None or renewed.fence != lease.fence:
        raise LeaseLost(lease.name)


def in_hand(
    ledger: Ledger, lease: LeaderLease, day: date, run: int, at: datetime
) -> Reconciliation:
    """Return how far the day is, for the step of this run.

    Raises:
        LeaseLost: Another process reconciles, or began the day anew.
    """
    hold(ledger, lease, at)
    found = ledger.reconciliations.of(day)
    if found is None or found.run != run:
        raise LeaseLost(lease.name)
    return found
