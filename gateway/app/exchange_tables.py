"""The loops that take results from exchange tables (前置库): one for each agency that has some."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from functools import partial

from prometheus_client import Counter

from gateway.adapters.exchange_table.tables import AgencyTables
from gateway.app.build_context import BuildContext
from gateway.config import Settings
from gateway.domain.dated_rules import DatedRules
from gateway.domain.item_answer import ItemAnswer
from gateway.flows.deregistration import record_deregistrations
from gateway.flows.dispatch_return import record_returns
from gateway.flows.outcome import record_outcomes
from gateway.flows.registration import record_registrations
from gateway.jobs.exchange_tables import ExchangeTableLoop
from gateway.jobs.table_rows import RecordRows, RowTaker
from gateway.metrics import Metrics
from gateway.ports.peers import AgencySystem
from gateway.ports.store import Store
from schemas.records.exchange_tables import ResultKind
from schemas.records.receipts import ItemStatus
from schemas.records.strict_json import RawItem
from schemas.reference.clock import Now

_Record = Callable[[Sequence[RawItem]], Awaitable[tuple[ItemAnswer, ...]]]


def table_loops(
    settings: Settings,
    context: BuildContext,
    *,
    outlets: Mapping[str, AgencySystem],
    holder: str,
    store: Store,
    rules: DatedRules,
) -> Iterator[ExchangeTableLoop]:
    """Yield a loop for each agency whose dispatches go into exchange tables."""
    monotonic = context.monotonic or context.now
    for agency in settings.agency:
        tables = outlets.get(agency.code)
        if not isinstance(tables, AgencyTables) or agency.tables is None:
            continue
        record = recorders(agency.code, context, store=store, rules=rules)
        taker = RowTaker(tables, record, now=context.now, monotonic=monotonic, hook=context.hook)
        yield ExchangeTableLoop(
            agency.code,
            tables,
            taker,
            holder=holder,
            poll_every_s=agency.tables.poll_every_s,
            store=store,
            now=context.now,
            monotonic=monotonic,
            jitter=context.jitter,
            metrics=context.metrics,
        )


def recorders(
    agency: str, context: BuildContext, *, store: Store, rules: DatedRules
) -> Mapping[ResultKind, RecordRows]:
    """Return what records each kind of rows: the flows of the agencies' calls, and their counts."""
    metrics, now, hook = context.metrics, context.now, context.hook
    flows: tuple[tuple[ResultKind, _Record, Counter], ...] = (
        (
            ResultKind.OUTCOME,
            partial(record_outcomes, sender=agency, store=store, now=now, hook=hook),
            metrics.outcomes,
        ),
        (
            ResultKind.RETURN,
            partial(record_returns, sender=agency, store=store, now=now, hook=hook),
            metrics.returns,
        ),
        (
            ResultKind.REGISTRATION,
            partial(
                record_registrations, sender=agency, store=store, rules=rules, now=now, hook=hook
            ),
            metrics.registrations,
        ),
        (
            ResultKind.DEREGISTRATION,
            partial(
                record_deregistrations, sender=agency, store=store, rules=rules, now=now, hook=hook
            ),
            metrics.deregistrations,
        ),
    )
    return {kind: _counted(record, metrics, counter, now) for kind, record, counter in flows}


def _counted(record: _Record, metrics: Metrics, counter: Counter, now: Now) -> RecordRows:
    async def counting(items: Sequence[RawItem]) -> tuple[ItemAnswer, ...]:
        answers = await record(items)
        at = now()
        for one in answers:
            metrics.count(counter, one.refused.code if one.refused else one.status)
            if one.key is not None and one.status is ItemStatus.ACCEPTED:
                metrics.decided(one.key, one.revision, at)
        return answers

    return counting
