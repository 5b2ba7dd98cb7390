"""查看未脱敏的登记表: an operator is shown what a person filled in, once that is on record.

It is recorded before it is shown, each time: a record of what nobody saw, after a death in
between, does no harm; the other way round does.
"""

from dataclasses import dataclass
from typing import Final

from gateway.domain.case import Case, Change
from gateway.domain.operator_acts import OPERATOR, ActResult, disclose
from gateway.flows.failpoints import Failpoint, FailpointHook, no_hook
from gateway.flows.operator_acts import CaseAct, act_on
from gateway.ports.disclosures import Disclosure
from gateway.ports.ledger import Ledger
from gateway.ports.store import Store
from schemas.reference.clock import Now

BY_FORM: Final = "case.form"
"""What shows the data: the form of one case."""


@dataclass(frozen=True, slots=True)
class CaseDisclosure:
    """What became of it, and the content as received; personal data, None unless recorded."""

    act: CaseAct
    content: bytes | None


async def disclose_content(
    key: str,
    *,
    reason: str,
    operator: str,
    store: Store,
    now: Now,
    hook: FailpointHook = no_hook,
) -> CaseDisclosure:
    """Record that `operator` is shown the content of a case and why, and return the content.

    Raises:
        StoreUnavailable: Nothing was recorded, or on PostgreSQL that is unknown: nothing is shown.
    """
    at = now()

    def work(ledger: Ledger) -> CaseDisclosure:
        content = ledger.cases.contents([key]).get(key)

        def decide(case: Case) -> Change | ActResult:
            if content is None:
                return ActResult.UNREADABLE
            return disclose(case, operator=operator, at=at)

        (act,) = act_on(ledger, [key], decide, text=reason)
        if act.result is ActResult.DONE:
            actor = f"{OPERATOR}{operator}"
            ledger.disclosures.add(Disclosure(at, actor, BY_FORM, persons=1, reason=reason))
        hook(Failpoint.DISCLOSE_WRITTEN)
        return CaseDisclosure(act, content if act.result is ActResult.DONE else None)

    done = await store.transact(work)
    hook(Failpoint.DISCLOSE_STORED)
    return done
