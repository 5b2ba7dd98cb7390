"""What one process does for all of them, under a lease: each loop is made here."""

from dataclasses import dataclass

from gateway.adapters.signed_client import SignedClient
from gateway.adapters.table_source import HttpTableSource
from gateway.adapters.watched_calls import WatchedStatements, WatchedTableCalls
from gateway.app.build_context import BuildContext
from gateway.config import Settings
from gateway.domain.intake_rules import Rules
from gateway.domain.statement_checks import spellings_of
from gateway.flows.reconciling_step import ReconcilingTerms
from gateway.jobs.case_seals import CaseSeals
from gateway.jobs.due_dates import DueDates
from gateway.jobs.intake import IntakeLoop
from gateway.jobs.key_rotation import KeyRotationLoop
from gateway.jobs.maintenance import MaintenanceLoop
from gateway.jobs.reconcile import ReconcileLoop
from gateway.jobs.table_fetch import TableFetchLoop
from gateway.ports.peers import Portal, StatementSource
from gateway.ports.store import Store
from gateway.setting_types import read_daily_time
from storage.sealing import Sealer


def maintenance_loop(
    settings: Settings, context: BuildContext, *, holder: str, store: Store, rules: Rules
) -> MaintenanceLoop:
    """Return the loop of the leader's duties: due dates that were unknown, seals of old cases."""
    due_dates = DueDates(store=store, rules=rules, folder=settings.calendar, now=context.now)
    case_seals = CaseSeals(store=store, now=context.now)
    return MaintenanceLoop(
        holder=holder,
        store=store,
        now=context.now,
        metrics=context.metrics,
        duties=(due_dates.carry_on, case_seals.carry_on),
    )


def key_rotation_loop(
    context: BuildContext, *, holder: str, store: Store, sealer: Sealer
) -> KeyRotationLoop:
    """Return the loop that seals rows again under the newest key of the ledger."""
    now, metrics = context.now, context.metrics
    return KeyRotationLoop(holder=holder, store=store, sealer=sealer, now=now, metrics=metrics)


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What is compared, and what repairs it: the national side, the ledger, the download."""

    statements: StatementSource
    portal: Portal
    store: Store
    intake: IntakeLoop


def reconcile_loop(
    settings: Settings, context: BuildContext, holder: str, reconciled: Reconciled
) -> ReconcileLoop:
    """Return the loop that compares each day with the national side's statement (对账)."""
    return ReconcileLoop(
        holder=holder,
        terms=ReconcilingTerms(
            WatchedStatements(reconciled.statements, context.metrics),
            reconciled.portal,
            reconciled.store,
            spellings_of(settings.province),
            context.now,
            context.hook,
        ),
        daily_at=read_daily_time(settings.reconcile_at),
        metrics=context.metrics,
        jitter=context.jitter,
        fetch=reconciled.intake.wake_event.wake,
    )


def table_fetch_loop(
    settings: Settings,
    context: BuildContext,
    *,
    client: SignedClient,
    holder: str,
    store: Store,
) -> TableFetchLoop | None:
    """Return the loop that fetches code tables and divisions; None where the settings say no."""
    if not settings.fetch_tables:
        return None
    source = WatchedTableCalls(HttpTableSource(client), context.metrics)
    return TableFetchLoop(
        source,
        holder=holder,
        store=store,
        now=context.now,
        metrics=context.metrics,
        jitter=context.jitter,
        hook=context.hook,
    )
