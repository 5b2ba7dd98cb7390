"""改派: an operator gives cases to another agency, each under a new dispatch number.

The old dispatch is sent no more, and what comes under its number is refused from then on.

Source: 豫人社办〔2020〕35号 annex 1 no. 2.
"""

from collections.abc import Sequence

from gateway.domain.dated_rules import DatedRules
from gateway.domain.directory import Agency
from gateway.domain.operator_acts import assign, way_to
from gateway.domain.outbox_rules import MessageKind
from gateway.flows.failpoints import Failpoint, FailpointHook, no_hook
from gateway.flows.operator_acts import CaseAct, act_on
from gateway.flows.page_changes import PageChanges
from gateway.flows.superseding import superseded_dispatch
from gateway.ports.ledger import Ledger
from gateway.ports.store import Store
from schemas.reference.clock import Now, beijing_date


async def assign_cases(  # noqa: PLR0913 -- who, to whom, why, and dependencies
    keys: Sequence[str],
    *,
    agency: Agency,
    reason: str,
    operator: str,
    store: Store,
    rules: DatedRules,
    now: Now,
    hook: FailpointHook = no_hook,
) -> tuple[CaseAct, ...]:
    """Give the cases under `keys`, `ACTS_AT_ONCE` at most, to `agency`; return what became of each.

    Raises:
        StoreUnavailable: Nothing was changed, or on PostgreSQL that is unknown: do it again.
    """
    at = now()

    def work(ledger: Ledger) -> tuple[CaseAct, ...]:
        acts = act_on(
            ledger,
            keys,
            lambda case: assign(case, agency, operator=operator, at=at),
            text=reason,
        )
        moved = [one.change.case for one in acts if one.change is not None]
        left = [one.before for one in acts if one.change is not None and one.before is not None]
        ledger.superseded.add([over for case in left for over in superseded_dispatch(case, at)])
        ledger.outbox.cancel(sorted(case.key for case in moved), MessageKind.DISPATCH, at)
        changes = PageChanges(at, rules.on(beijing_date(at)))
        for case in moved:
            changes.add_dispatch(case, way_to(case, agency))
        ledger.outbox.enqueue(changes.messages)
        hook(Failpoint.ASSIGN_WRITTEN)
        return acts

    done = await store.transact(work)
    hook(Failpoint.ASSIGN_STORED)
    return done
