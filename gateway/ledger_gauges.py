"""台账指标: the gauges that are read from the ledger at a scrape."""

from datetime import datetime

from prometheus_client import Gauge

from gateway.metrics import Metrics
from gateway.ports.views import FlowFigures


def set_ledger_gauges(metrics: Metrics, figures: FlowFigures, *, now: datetime) -> None:
    """Set the gauges that are read from the ledger."""
    listed = (metrics.cases, metrics.attention, metrics.quarantined, metrics.discrepancies)
    for gauge in (*listed, *_of_outbox(metrics)):
        gauge.clear()
    for (kind, state), number in figures.discrepancies.items():
        metrics.discrepancies.labels(kind, state).set(number)
    for state, number in figures.states.items():
        metrics.cases.labels(state).set(number)
    for gauge, reasons in (
        (metrics.attention, figures.held),
        (metrics.quarantined, figures.quarantined),
    ):
        for reason, number in reasons.items():
            gauge.labels(reason).set(number)
    metrics.missed.set(figures.overdue)
    metrics.unknown_due.set(figures.due_unknown)
    metrics.notices_overdue.set(figures.notices_overdue)
    metrics.at_risk.set(figures.due_today)
    since = figures.directory_unpublished
    metrics.directory_unpublished.set((now - since).total_seconds() if since else 0.0)
    metrics.warned.set(figures.due_soon)
    oldest: dict[str, float] = {}
    for backlog in figures.backlog:
        metrics.outbox_depth.labels(backlog.kind).inc(backlog.depth)
        metrics.outbox_parked.labels(backlog.kind).inc(backlog.parked)
        age = (now - backlog.oldest).total_seconds() if backlog.oldest else 0.0
        oldest[backlog.kind] = max(age, oldest.get(backlog.kind, 0.0))
    for kind, age in oldest.items():
        metrics.outbox_oldest.labels(kind).set(age)


def _of_outbox(metrics: Metrics) -> tuple[Gauge, Gauge, Gauge]:
    return metrics.outbox_depth, metrics.outbox_oldest, metrics.outbox_parked
