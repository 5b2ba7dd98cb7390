"""备注: an operator writes something about cases into their histories; nothing is moved."""

from collections.abc import Sequence

from gateway.domain.case import Case, Change
from gateway.domain.operator_acts import OPERATOR, ActResult, annotate, annotation_of
from gateway.flows.failpoints import Failpoint, FailpointHook, no_hook
from gateway.flows.operator_acts import CaseAct, act_on
from gateway.ports.ledger import Ledger
from gateway.ports.store import Store
from schemas.records.canonical_form import bytes_digest
from schemas.reference.clock import Now


async def annotate_cases(
    keys: Sequence[str],
    *,
    text: str,
    operator: str,
    store: Store,
    now: Now,
    hook: FailpointHook = no_hook,
) -> tuple[CaseAct, ...]:
    """Write `text` into the histories of the cases under `keys`, `ACTS_AT_ONCE` at most.

    The same text of the same operator stands in a history once.

    Raises:
        StoreUnavailable: Nothing was changed, or on PostgreSQL that is unknown: do it again.
    """
    at = now()

    def work(ledger: Ledger) -> tuple[CaseAct, ...]:
        fingerprint = ledger.cases.fingerprint(bytes_digest(text.encode()))
        wanted = sorted(set(keys))
        earlier = ledger.cases.notes(wanted, actor=f"{OPERATOR}{operator}")

        def decide(case: Case) -> Change | ActResult:
            if annotation_of(fingerprint) in earlier[case.key]:
                return ActResult.ALREADY
            return annotate(case, fingerprint=fingerprint, operator=operator, at=at)

        acts = act_on(ledger, keys, decide, text=text)
        hook(Failpoint.ANNOTATE_WRITTEN)
        return acts

    done = await store.transact(work)
    hook(Failpoint.ANNOTATE_STORED)
    return done
