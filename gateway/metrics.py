"""Figures for Prometheus, prefix `duijie_`: no personal value, no case number in any label.

One registry a gateway, so that several can live in one process. Children are kept: looking a
child up by its labels costs more than counting.
"""

from collections import OrderedDict
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from gateway.domain.download_lag import DownloadLag
from gateway.flows.page_result import IngestedItem
from gateway.flows.relay import Relayed

_FAST: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0)
_SLOW: Final = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0)
_LONG: Final = (1.0, 5.0, 30.0, 60.0, 300.0, 900.0, 1800.0, 3600.0, 7200.0, 14400.0, 86400.0)
_SINCE: Final = ("submitted", "forwarded")
_MAX_DECISIONS: Final = 100_000


class Metrics:
    """Everything the gateway counts; each attribute is one metric."""

    def __init__(self, *, version: str, contract: str) -> None:
        self.registry = CollectorRegistry()
        self._children: dict[tuple[int, tuple[str, ...]], Counter] = {}
        self._decided: OrderedDict[tuple[str, int], datetime] = OrderedDict()
        self._intake()
        self._flow()
        self._tables()
        self._received()
        self._directory()
        self._peers()
        self._servers()
        self._reconciling()
        self._gauge("build_info", "版本 version and contract", "version", "contract").labels(
            version, contract
        ).set(1)

    def _intake(self) -> None:
        self.pull_requests = self._counter("pull_requests", "downloads by result", "result")
        self.pull_rows = self._counter("pull_rows", "items downloaded by verdict", "verdict")
        self.push_rows = self._counter("push_rows", "items pushed to us by verdict", "verdict")
        self.pull_lag = self._gauge("pull_lag_seconds", "since the portal had nothing more for us")
        self.feed_unread = self._gauge(
            "feed_unread_seconds", "since the portal last answered a download (未能下载)"
        )
        self.feed_standing = self._gauge(
            "feed_standing_seconds", "since the head of the feed brings nothing new (队列停住)"
        )
        self.intake_lag = self._histogram(
            "intake_lag_seconds", "submitted or forwarded to stored here", _LONG, "way", "since"
        )
        self.intake_late = self._counter(
            "intake_late", "applications stored over an hour after they were submitted", "way"
        )
        self.intake_ahead = self._counter(
            "intake_ahead", "applications dated ahead of our clock, their lag counted as 0", "way"
        )
        self.intake_ack = self._histogram(
            "intake_ack_seconds", "page received to acknowledgement sent", _FAST
        )
        self.acknowledgements_unconfirmed = self._counter(
            "acknowledgements_unconfirmed", "acknowledgements not confirmed by reason", "reason"
        )
        self.unconfirmed = self._gauge(
            "unconfirmed", "stored items that the portal does not confirm (未获确认)"
        )
        self.duplicates = self._counter("intake_duplicates", "items seen before")
        self.conflicts = self._counter("intake_conflicts", "other content under a known number")
        self.flags = self._counter("validation_flags", "screening findings (初核提示)", "rule")

    def _flow(self) -> None:
        self.cases = self._gauge("cases", "cases by state (办件状态)", "state")
        self.attention = self._gauge("attention", "held cases by reason (挂起)", "reason")
        self.quarantined = self._gauge(
            "quarantined", "messages kept raw for a person, by reason", "reason"
        )
        self.quarantine_refused = self._counter(
            "quarantine_refused", "items not kept: the quarantine of a source is full", "source"
        )
        self.unreadable_rows = self._counter(
            "unreadable_rows", "readings of a ledger row that is damaged", "table", "code"
        )
        self.at_risk = self._gauge("deadline_at_risk", "open cases due today")
        self.warned = self._gauge(
            "deadline_warning", "open cases due within the warned working days (预警)"
        )
        self.missed = self._gauge("deadline_missed", "open cases past their due date (逾期)")
        self.unknown_due = self._gauge("deadline_unknown", "open cases beyond the calendar")
        self.dispatch_attempts = self._counter(
            "dispatch_attempts", "dispatches sent by result", "result"
        )
        self.report_attempts = self._counter(
            "result_attempts", "outcomes sent to the portal by result", "result"
        )
        self.receipts_not_believed = self._counter(
            "receipts_not_believed", "receipts that are not for what was sent", "kind", "reason"
        )
        self.result_return = self._histogram(
            "result_return_seconds", "outcome committed to confirmed by the portal", _SLOW
        )
        self.outbox_depth = self._gauge("outbox_depth", "messages to send (待发)", "kind")
        self.outbox_oldest = self._gauge(
            "outbox_oldest_seconds", "age of the oldest message to send", "kind"
        )
        self.outbox_parked = self._gauge("outbox_parked", "refused, waiting for a person", "kind")

    def _tables(self) -> None:
        self.tables_in_force = self._gauge(
            "tables_in_force", "1 for the edition of tables in force", "kind", "edition"
        )
        self.table_proposal_age = self._gauge(
            "table_proposal_age_seconds", "since when fetched tables wait (待定版本)", "kind"
        )
        self.table_fetches = self._counter(
            "table_fetches", "fetches of code tables, divisions by result", "kind", "result"
        )

    def _received(self) -> None:
        self.outcomes = self._counter("outcomes", "outcomes received by answer", "answer")
        self.returns = self._counter("returns", "returns received by answer (退回)", "answer")
        self.operator_acts = self._counter(
            "operator_acts",
            "acts of operators by interface, on cases or messages (经手)",
            "operation",
            "result",
        )
        self.table_rows = self._counter(
            "table_rows",
            "rows of exchange tables by agency and answer (前置库)",
            "agency",
            "answer",
        )
        self.registrations = self._counter(
            "registrations", "local registrations received by answer", "answer"
        )
        self.deregistrations = self._counter(
            "deregistrations", "deregistrations received by answer", "answer"
        )
        self.notices_overdue = self._gauge(
            "notices_overdue", "people who should have been told that their registration ended"
        )

    def _directory(self) -> None:
        self.directory_version = self._gauge(
            "directory_version", "number of the agency directory in force here (机构清单), 0: none"
        )
        self.directory_unpublished = self._gauge(
            "directory_unpublished_seconds", "age of the oldest directory that is not published"
        )
        self.directory_publications = self._counter(
            "directory_publications", "versions of the directory by how publishing ended", "result"
        )

    def _peers(self) -> None:
        self.failing_alone = self._gauge(
            "failing_alone", "messages that fail in calls of their own (单独失败)", "peer", "kind"
        )
        self.call_failures = self._counter(
            "call_failures",
            "calls of peers without a usable answer, by reason (响应不可用)",
            *("peer", "operation", "reason"),
        )
        self.breakers_open = self._gauge(
            "breakers_open", "peers not called after failures (circuit open)"
        )

    def _reconciling(self) -> None:
        self.reconcile_last_success = self._gauge(
            "reconcile_last_success_timestamp_seconds", "when a day was last compared to its end"
        )
        self.reconcile_days_waiting = self._gauge(
            "reconcile_days_waiting", "days without a statement that could be used (待对账)"
        )
        self.reconcile_seconds = self._histogram(
            "reconcile_seconds", "a day begun to compared to its end", _SLOW
        )
        self.discrepancies = self._gauge(
            "discrepancies", "open differences with the national side (差异)", "kind", "state"
        )
        self.discrepancies_found = self._counter(
            "discrepancies_found", "differences found by kind", "kind"
        )
        self.statements_not_used = self._counter(
            "statements_not_used", "statements that were not used, by reason (对账单)", "reason"
        )

    def _servers(self) -> None:
        self.signature_refused = self._counter(
            "signature_refused", "messages not believed by reason", "reason"
        )
        self.ledger_key_uses = self._gauge("ledger_key_uses_ratio", "share of the data key's uses")
        self.key_reloads = self._counter("key_reloads", "key files read again, by result", "result")
        self.tls_reloads = self._counter(
            "tls_reloads", "certificate files read again, by result", "result"
        )
        self.replay_refused = self._counter("replay_refused", "nonces that came twice")
        self.requests = self._counter("http_requests", "answers by route and code", "route", "code")
        self.request_seconds = self._histogram(
            "http_request_seconds", "time to answer", _FAST, "route"
        )
        self.connections_cut = self._counter("connections_cut", "by reason", "reason")
        self.commit_groups = self._gauge("store_commit_groups", "transactions committed together")
        self.flushes = self._gauge("store_flushes", "commits flushed to disk")
        self.synchronous_standby = self._gauge(
            "store_synchronous_standby", "1 while a commit waits for a standby"
        )
        self.commits_unknown = self._counter(
            "store_commits_unknown", "units of work stored or not, nobody knows: done again"
        )
        self.turn_failures = self._counter(
            "turn_failures", "turns of a loop ended by an unexpected error", "loop"
        )
        self.clock_skew = self._gauge(
            "clock_skew_seconds", "clock of a peer minus ours, by the Date of its answers", "peer"
        )
        self.loop_lag = self._gauge("event_loop_lag_seconds", "how late the event loop last was")

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"duijie_{name}", text, labels, registry=self.registry)

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"duijie_{name}", text, labels, registry=self.registry)

    def _histogram(
        self, name: str, text: str, buckets: tuple[float, ...], *labels: str
    ) -> Histogram:
        return Histogram(f"duijie_{name}", text, labels, registry=self.registry, buckets=buckets)

    def count(self, counter: Counter, *labels: str, by: int = 1) -> None:
        """Add to one child of `counter`."""
        child = self._children.get((id(counter), labels))
        if child is None:
            child = counter.labels(*labels) if labels else counter
            self._children[(id(counter), labels)] = child
        child.inc(by)

    def count_page(self, rows: Iterable[IngestedItem], way: str = "pull") -> None:
        """Count one page ingested, `pull` or `push`."""
        counter = self.push_rows if way == "push" else self.pull_rows
        for row in rows:
            self.count(counter, verdict(row))
            if row.repeated:
                self.count(self.duplicates)
            if row.held is not None and row.held.endswith(".conflict"):
                self.count(self.conflicts)
            for finding in row.findings:
                self.count(self.flags, finding.partition(":")[0])

    def count_lags(self, lags: Iterable[DownloadLag], way: str) -> None:
        """Count how long the new applications of a page were on their way."""
        submitted, forwarded = (self.intake_lag.labels(way, since) for since in _SINCE)
        for lag in lags:
            submitted.observe(lag.since_submission.total_seconds())
            forwarded.observe(lag.since_forwarding.total_seconds())
            if lag.is_late:
                self.count(self.intake_late, way)
            if lag.is_ahead:
                self.count(self.intake_ahead, way)

    def relayed(self, counter: Counter, relayed: Relayed) -> None:
        """Count one batch sent."""
        for result, number in (
            ("settled", relayed.settled),
            ("postponed", relayed.postponed),
            ("parked", relayed.parked),
        ):
            if number:
                self.count(counter, result, by=number)

    def decided(self, key: str, revision: int, at: datetime) -> None:
        """Note when an outcome was committed, to tell how long its way to the portal takes."""
        self._decided[(key, revision)] = at
        if len(self._decided) > _MAX_DECISIONS:
            self._decided.popitem(last=False)

    def confirmed(self, key: str, revision: int, at: datetime) -> None:
        """Observe the time from commit to the portal's confirmation; unknown after a restart."""
        since = self._decided.pop((key, revision), None)
        if since is not None:
            self.result_return.observe((at - since).total_seconds())

    def exposition(self) -> bytes:
        """Return all figures as Prometheus text."""
        return generate_latest(self.registry)


def verdict(row: IngestedItem) -> str:
    """Return what became of one item: accepted, held, repeated, or withdrawn with no case."""
    if row.held is not None:
        return "held"
    if row.repeated:
        return "repeated"
    return "accepted" if row.agency is not None else "noted"
