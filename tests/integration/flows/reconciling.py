"""对账 as the flow tests drive it: the flows over a desk, with a scripted source of statements."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from gateway.domain.discrepancies import DiscrepancyState, RecordedDiscrepancy
from gateway.domain.statement_checks import spellings_of
from gateway.flows.failpoints import FailpointHook, no_hook
from gateway.flows.reconcile import (
    ReconciledDay,
    acquire_reconciling,
    reconcile_day,
    release_reconciling,
)
from gateway.flows.reconciling_step import ReconcilingTerms
from gateway.flows.repairs import look_after_repairs
from gateway.ports.leadership import LeaderLease
from gateway.ports.views import Views
from tests.integration.flows.desk import Desk
from tests.support.statements import DAY, ScriptedStatements

Listed = tuple[str, str, str]
HOLDER: Final = "test"


class Reconciler:
    """Reconciles a desk with its portal."""

    def __init__(self, desk: Desk, hook: FailpointHook = no_hook) -> None:
        self.desk = desk
        self.statements = ScriptedStatements(desk.portal)
        self.terms = ReconcilingTerms(
            self.statements, desk.portal, desk.store, spellings_of("410000"), desk.clock, hook
        )

    async def lease(self, holder: str = HOLDER) -> LeaderLease | None:
        """Take the lease on reconciling."""
        return await acquire_reconciling(holder=holder, store=self.desk.store, now=self.desk.clock)

    async def run(self, day: date = DAY) -> ReconciledDay:
        """Compare one day to its end, as the only one who does."""
        lease = await self.lease()
        assert lease is not None
        done = await reconcile_day(day, lease, self.terms)
        await release_reconciling(lease, store=self.desk.store)
        return done

    async def look_after(self) -> int:
        """Look what became of repairs."""
        lease = await self.lease()
        assert lease is not None
        changed = await look_after_repairs(lease, self.terms)
        await release_reconciling(lease, store=self.desk.store)
        return changed

    async def recorded(self, *states: DiscrepancyState) -> list[RecordedDiscrepancy]:
        """Return the open differences."""

        def view(views: Views) -> list[RecordedDiscrepancy]:
            reading = views.reconciling
            return [
                one
                for state in states or tuple(DiscrepancyState)
                for one in reading.in_state(state, after=0, limit=1000)
            ]

        return await self.desk.store.read(view)

    async def open(self) -> list[Listed]:
        """Return the open differences: kind, key, state."""
        return listed(await self.recorded())


def listed(found: Sequence[RecordedDiscrepancy]) -> list[Listed]:
    """Return differences as tests name them, in their order."""
    return sorted((one.kind.value, one.line.key, one.state.value) for one in found)
