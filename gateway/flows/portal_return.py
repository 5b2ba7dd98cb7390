"""退回部端: an operator gives back what is not the province's; the relay tells the national side.

The dispatch is over and the case held in one transaction with the message. It ends once the
national side has taken it, and is on the desk's queue again where it does not.

Source: 人社厅发〔2020〕3号 arts. 7, 8.
"""

from collections.abc import Sequence
from datetime import datetime

from gateway.domain.case import Case
from gateway.domain.intake_rules import Rules
from gateway.domain.outbox_rules import MessageKind
from gateway.domain.portal_return import Territory, WantedReturn, give_back, record_of
from gateway.flows.failpoints import Failpoint, FailpointHook, no_hook
from gateway.flows.operator_acts import CaseAct, act_on
from gateway.flows.superseding import superseded_dispatch
from gateway.ports import PORTAL
from gateway.ports.ledger import Ledger
from gateway.ports.outbox import OutboxMessage
from gateway.ports.store import Store
from schemas.reference.clock import Now


async def return_cases(  # noqa: PLR0913 -- what, why, and dependencies
    keys: Sequence[str],
    *,
    wanted: WantedReturn,
    text: str,
    store: Store,
    rules: Rules,
    now: Now,
    hook: FailpointHook = no_hook,
) -> tuple[CaseAct, ...]:
    """Give the cases under `keys`, `ACTS_AT_ONCE` at most, back; return what became of each.

    `text` stands, sealed, in their histories and goes nowhere.

    Raises:
        StoreUnavailable: Nothing was changed, or on PostgreSQL that is unknown: do it again.
    """
    at = now()
    territory = Territory(rules.tree, rules.province.division)

    def work(ledger: Ledger) -> tuple[CaseAct, ...]:
        acts = act_on(
            ledger,
            keys,
            lambda case: give_back(case, wanted, territory=territory, at=at),
            text=text,
        )
        going = [one.change.case for one in acts if one.change is not None]
        left = [one.before for one in acts if one.change is not None and one.before is not None]
        ledger.superseded.add([over for case in left for over in superseded_dispatch(case, at)])
        ended = sorted(case.key for case in going)
        for kind in (MessageKind.DISPATCH, MessageKind.APPLICATION_RETURN):
            ledger.outbox.cancel(ended, kind, at)
        ledger.outbox.enqueue([_message(case, wanted, at) for case in going])
        hook(Failpoint.PORTAL_RETURN_WRITTEN)
        return acts

    done = await store.transact(work)
    hook(Failpoint.PORTAL_RETURN_STORED)
    return done


def _message(case: Case, wanted: WantedReturn, at: datetime) -> OutboxMessage:
    record = record_of(case, wanted, at)
    return OutboxMessage(
        kind=MessageKind.APPLICATION_RETURN,
        peer=PORTAL,
        key=case.key,
        number=f"{case.key}:return:{record.revision}",
        revision=record.revision,
        body=record.wire(),
        due_at=at,
    )
