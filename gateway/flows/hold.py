"""挂起: an operator holds cases that are doubtful; their dispatches stand, their clocks run."""

from collections.abc import Sequence

from gateway.domain.operator_acts import hold
from gateway.flows.failpoints import Failpoint, FailpointHook, no_hook
from gateway.flows.operator_acts import CaseAct, act_on
from gateway.ports.ledger import Ledger
from gateway.ports.store import Store
from schemas.reference.clock import Now


async def hold_cases(
    keys: Sequence[str],
    *,
    reason: str,
    operator: str,
    store: Store,
    now: Now,
    hook: FailpointHook = no_hook,
) -> tuple[CaseAct, ...]:
    """Hold the cases under `keys`, `ACTS_AT_ONCE` at most; return what became of each.

    Raises:
        StoreUnavailable: Nothing was changed, or on PostgreSQL that is unknown: do it again.
    """
    at = now()

    def work(ledger: Ledger) -> tuple[CaseAct, ...]:
        acts = act_on(ledger, keys, lambda case: hold(case, operator=operator, at=at), text=reason)
        hook(Failpoint.HOLD_WRITTEN)
        return acts

    done = await store.transact(work)
    hook(Failpoint.HOLD_STORED)
    return done
