"""启用、不采用: an operator decides on an edition of the code tables or divisions, with a day.

One decision after another, each with the number that follows the last that its operator saw: of two
operators who decide at once, one is told that somebody decided meanwhile. A decision that is asked
for again, as after a death, is found made.
"""

from dataclasses import dataclass
from datetime import date

from gateway.domain.operator_acts import OPERATOR
from gateway.domain.table_decisions import (
    DecisionResult,
    DecisionStep,
    Standing,
    TableDecision,
    judge,
)
from gateway.domain.table_editions import SHIPPED, EditionRef
from gateway.flows.failpoints import Failpoint, FailpointHook, no_hook
from gateway.ports.ledger import Ledger
from gateway.ports.store import Store
from schemas.reference.clock import Now, beijing_date


@dataclass(frozen=True, slots=True)
class DecisionRequest:
    """What an operator wants; `from_day` (of Beijing) of an adoption, None to reject.

    `after` is the number of the last decision that the operator saw, 0 where there was none.
    """

    edition: EditionRef
    from_day: date | None
    operator: str
    reason: str
    after: int


@dataclass(frozen=True, slots=True)
class DecisionDone:
    """What became of it; `last` is the decision that stands last now."""

    result: DecisionResult
    last: TableDecision | None


async def decide_on_tables(
    asked: DecisionRequest, *, store: Store, now: Now, hook: FailpointHook = no_hook
) -> DecisionDone:
    """Decide on an edition, and say what became of that.

    Raises:
        StoreUnavailable: Nothing was decided, or that is unknown; do it again.
    """
    at = now()
    kind = asked.edition.kind
    decision = TableDecision(
        asked.edition,
        asked.after + 1,
        DecisionStep.REJECTED if asked.from_day is None else DecisionStep.ADOPTED,
        asked.from_day,
        at,
        f"{OPERATOR}{asked.operator}",
        asked.reason,
    )
    today = beijing_date(at)

    def work(ledger: Ledger) -> DecisionDone:
        tables = ledger.table_editions
        last = tables.last_decision(kind)
        is_known = asked.edition.digest == SHIPPED or tables.has(asked.edition)
        standing = Standing(last, is_known, tuple(tables.planned(kind, today)))
        result = judge(decision, standing, today=today)
        if result is not DecisionResult.DONE:
            return DecisionDone(result, last)
        if not tables.decide(decision):
            return DecisionDone(DecisionResult.DECIDED_MEANWHILE, tables.last_decision(kind))
        hook(Failpoint.DECISION_WRITTEN)
        return DecisionDone(result, decision)

    done = await store.transact(work)
    hook(Failpoint.DECISION_STORED)
    return done
