"""释放挂起: an operator lets held cases go on; each is noted in its history with who and when.

One transaction a page: the step, the history entry and the dispatch are committed together, and
the cases are locked meanwhile, so a second release, or one after a death, finds them not held.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.domain.case import Case, Change
from gateway.domain.dated_rules import DatedRules
from gateway.domain.feed_items import UNREADABLE
from gateway.domain.outbox_rules import MessageKind
from gateway.domain.release import (
    ReleasePlan,
    ReleaseResult,
    delivered_meanwhile,
    plan_release,
    released,
    reread_released,
)
from gateway.flows.failpoints import Failpoint, FailpointHook, no_hook
from gateway.flows.page_changes import PageChanges, idempotency_key, inbox_entry
from gateway.flows.superseding import superseded_dispatch
from gateway.ports.ledger import Ledger
from gateway.ports.store import Store
from gateway.ports.views import Views
from schemas.reference.clock import Now, beijing_date

RELEASED_AT_ONCE: Final = 100
"""A short transaction: messages wait beside it."""


@dataclass(frozen=True, slots=True)
class CaseRelease:
    """What became of one case: who gets it, or the reason for which it stays held."""

    key: str
    result: ReleaseResult
    held_for: str | None = None
    agency: str | None = None
    reason: str | None = None


async def release_held(
    keys: Sequence[str],
    *,
    operator: str,
    store: Store,
    rules: DatedRules,
    now: Now,
    hook: FailpointHook = no_hook,
) -> tuple[CaseRelease, ...]:
    """Release the cases under `keys`, `RELEASED_AT_ONCE` at most; return what became of each.

    Raises:
        StoreUnavailable: Nothing was released, or on PostgreSQL that is unknown: do it again.
    """
    at = now()
    today = rules.on(beijing_date(at))

    def work(ledger: Ledger) -> tuple[CaseRelease, ...]:
        cases = ledger.cases.read(sorted(set(keys)))
        contents = ledger.cases.contents(_unreadable(cases))
        plans = {
            key: plan_release(case, contents.get(key), rules=today, at=at)
            for key, case in cases.items()
        }
        _carry_out(
            ledger,
            [one for one in plans.values() if isinstance(one, ReleasePlan)],
            operator,
            PageChanges(at, today),
        )
        hook(Failpoint.RELEASE_WRITTEN)
        return _results(keys, plans)

    done = await store.transact(work)
    hook(Failpoint.RELEASE_STORED)
    return done


def preview_release(
    views: Views, *, keys: Sequence[str], rules: DatedRules, at: datetime
) -> tuple[CaseRelease, ...]:
    """Return what a release at `at` would make of each case, and change nothing."""
    cases = views.cases(sorted(set(keys)))
    contents = views.contents(_unreadable(cases))
    today = rules.on(beijing_date(at))
    return _results(
        keys,
        {
            key: plan_release(case, contents.get(key), rules=today, at=at)
            for key, case in cases.items()
        },
    )


def _unreadable(cases: Mapping[str, Case]) -> list[str]:
    return sorted(key for key, case in cases.items() if case.hold_reason == UNREADABLE)


def _carry_out(
    ledger: Ledger, plans: Sequence[ReleasePlan], operator: str, changes: PageChanges
) -> None:
    """Take the steps: what was refused goes again under its number, all else as a new dispatch."""
    again = _send_again(ledger, [plan.case for plan in plans if plan.keeps_agency], changes.at)
    standing = [one.case for one in plans if one.keeps_dispatch and one.case.key not in again]
    arrived = _arrived(ledger, standing)
    again |= {case.key for case in standing}
    moved = [one.case.key for one in plans if one.way is not None and one.case.key not in again]
    over = (one.case for one in plans if one.case.key in moved)
    ledger.superseded.add([s for case in over for s in superseded_dispatch(case, changes.at)])
    ledger.outbox.cancel(sorted(moved), MessageKind.DISPATCH, changes.at)
    for plan in plans:
        if plan.reread is not None:
            accepted = reread_released(plan, plan.reread, operator=operator, rules=changes.rules)
            changes.add_readmitted(accepted, plan.reread.received)
    steps = list(_steps(plans, again, operator, changes))
    ledger.cases.save([*steps, *_deliveries(steps, arrived, changes.at)])
    ledger.cases.replace_contents(changes.readmitted)
    _record_readmitted(ledger, plans, changes.at)
    ledger.outbox.enqueue(changes.messages)


def _send_again(ledger: Ledger, cases: Sequence[Case], at: datetime) -> set[str]:
    """Let the current dispatches of held cases that are parked go again; return whose do.

    A held case was never decided, so nothing else of it can be parked.
    """
    current = {case.key: case.dispatch_no for case in cases}
    parked = ledger.outbox.parked(sorted(current), peer=None, limit=len(current))
    wanted = [message for message in parked if message.number == current[message.key]]
    again = ledger.outbox.unpark(wanted, at)
    return {message.key for message in wanted if message.id in again}


def _arrived(ledger: Ledger, cases: Sequence[Case]) -> set[str]:
    """Return whose current dispatch, which stood all the time, its agency has received."""
    numbers: defaultdict[str, list[str]] = defaultdict(list)
    for case in cases:
        numbers[case.agency or ""].append(case.dispatch_no or "")
    underway = {
        number
        for agency, given in numbers.items()
        for number in ledger.outbox.open_dispatches(agency, given)
    }
    return {case.key for case in cases if case.dispatch_no not in underway}


def _deliveries(
    steps: Sequence[Change], arrived: Collection[str], at: datetime
) -> Iterator[Change]:
    for step in steps:
        if step.case.key in arrived:
            delivery = delivered_meanwhile(step.case, at=at)
            if delivery is not None:
                yield delivery


def _steps(
    plans: Sequence[ReleasePlan], again: Collection[str], operator: str, changes: PageChanges
) -> Iterator[Change]:
    """Yield the steps of cases that were readable all the time; enqueue their new dispatches."""
    for plan in plans:
        if plan.reread is not None:
            continue
        sent_again = plan.case.key in again
        step = released(plan, sent_again=sent_again, operator=operator, at=changes.at)
        if step is None:
            continue
        yield step
        if plan.way is not None and not sent_again:
            changes.add_dispatch(step.case, plan.way)


def _record_readmitted(ledger: Ledger, plans: Sequence[ReleasePlan], at: datetime) -> None:
    """Remember what can be read now, so that the same content is a repeat when it comes again."""
    seen = {
        (key := idempotency_key(plan.case.key, "application")): inbox_entry(
            key, plan.reread.received, at
        )
        for plan in plans
        if plan.reread is not None
    }
    if seen:
        ledger.inbox.record(seen, at)


def _results(
    keys: Sequence[str], plans: Mapping[str, ReleasePlan | ReleaseResult]
) -> tuple[CaseRelease, ...]:
    return tuple(_one_result(key, plans.get(key)) for key in dict.fromkeys(keys))


def _one_result(key: str, plan: ReleasePlan | ReleaseResult | None) -> CaseRelease:
    if not isinstance(plan, ReleasePlan):
        return CaseRelease(key, plan or ReleaseResult.UNKNOWN)
    agency = None if plan.way is None else plan.way.agency.code
    reason = None if plan.way is not None else plan.reason
    return CaseRelease(key, plan.result, plan.case.hold_reason, agency, reason)
