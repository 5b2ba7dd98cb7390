"""Metrics: what is counted shows up, under the project's prefix, without personal labels."""

from datetime import UTC, date, datetime, timedelta

from gateway.flows.page_result import IngestedItem
from gateway.flows.relay import Relayed
from gateway.ledger_gauges import set_ledger_gauges
from gateway.metrics import Metrics, verdict
from gateway.ports.views import Backlog, FlowFigures

AT = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)


def fresh() -> Metrics:
    return Metrics(version="0.1.0", contract="1.0.0")


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


def a_row(
    *,
    agency: str | None = "410105-01",
    held: str | None = None,
    repeated: bool = False,
    findings: tuple[str, ...] = (),
) -> IngestedItem:
    return IngestedItem(
        "SY1", "410105", agency, date(2026, 3, 5), held, repeated=repeated, findings=findings
    )


def test_two_gateways_in_one_process_count_apart() -> None:
    one, other = fresh(), fresh()
    one.count(one.pull_requests, "rows")

    assert value(one, "duijie_pull_requests_total", result="rows") == 1
    assert value(other, "duijie_pull_requests_total", result="rows") is None


def test_everything_written_has_the_prefix() -> None:
    text = fresh().exposition().decode()
    names = {line.split("{")[0].split(" ")[0] for line in text.splitlines() if line[0] != "#"}

    assert all(name.startswith("duijie_") for name in names)
    assert 'duijie_build_info{contract="1.0.0",version="0.1.0"} 1.0' in text


def test_each_row_has_one_verdict() -> None:
    assert verdict(a_row()) == "accepted"
    assert verdict(a_row(held="place.unknown", agency=None)) == "held"
    assert verdict(a_row(repeated=True)) == "repeated"
    assert verdict(a_row(agency=None)) == "noted"


def test_a_page_counts_rows_repeats_conflicts_and_findings_without_their_detail() -> None:
    metrics = fresh()
    metrics.count_page(
        [
            a_row(findings=("code.unknown:aac011", "age.under-16")),
            a_row(repeated=True),
            a_row(repeated=True, held="application.conflict"),
        ]
    )

    assert value(metrics, "duijie_pull_rows_total", verdict="accepted") == 1
    assert value(metrics, "duijie_pull_rows_total", verdict="held") == 1
    assert value(metrics, "duijie_intake_duplicates_total") == 2
    assert value(metrics, "duijie_intake_conflicts_total") == 1
    assert value(metrics, "duijie_validation_flags_total", rule="code.unknown") == 1
    assert value(metrics, "duijie_validation_flags_total", rule="age.under-16") == 1


def test_a_batch_counts_by_what_became_of_it() -> None:
    metrics = fresh()
    metrics.relayed(metrics.report_attempts, Relayed(10, settled=7, postponed=2, parked=1))

    assert value(metrics, "duijie_result_attempts_total", result="settled") == 7
    assert value(metrics, "duijie_result_attempts_total", result="postponed") == 2
    assert value(metrics, "duijie_result_attempts_total", result="parked") == 1


def test_the_return_of_a_result_is_timed_from_commit_to_confirmation_once() -> None:
    metrics = fresh()
    metrics.decided("SY1", 1, AT)
    metrics.confirmed("SY1", 2, AT + timedelta(seconds=9))  # another revision: not known
    metrics.confirmed("SY1", 1, AT + timedelta(seconds=2))
    metrics.confirmed("SY1", 1, AT + timedelta(seconds=9))

    assert value(metrics, "duijie_result_return_seconds_count") == 1
    assert value(metrics, "duijie_result_return_seconds_sum") == 2


def test_gauges_show_the_ledger_and_forget_what_is_no_longer_there() -> None:
    metrics = fresh()
    backlog = (
        Backlog("410105-01", "dispatch", 3, AT - timedelta(seconds=30), 1),
        Backlog("419001-01", "dispatch", 2, AT - timedelta(seconds=90), 0),
    )
    busy = FlowFigures(
        {"HELD": 2},
        {"place.unknown": 2},
        {"application.unreadable": 1},
        backlog,
        4,
        5,
        3,
        due_soon=6,
    )
    set_ledger_gauges(metrics, busy, now=AT)

    assert value(metrics, "duijie_cases", state="HELD") == 2
    assert value(metrics, "duijie_attention", reason="place.unknown") == 2
    assert value(metrics, "duijie_quarantined", reason="application.unreadable") == 1
    assert value(metrics, "duijie_outbox_depth", kind="dispatch") == 5
    assert value(metrics, "duijie_outbox_parked", kind="dispatch") == 1
    assert value(metrics, "duijie_outbox_oldest_seconds", kind="dispatch") == 90
    assert value(metrics, "duijie_deadline_missed") == 4
    assert value(metrics, "duijie_deadline_unknown") == 3
    assert value(metrics, "duijie_deadline_at_risk") == 5
    assert value(metrics, "duijie_deadline_warning") == 6

    set_ledger_gauges(metrics, FlowFigures({}, {}, {}, (), 0), now=AT)

    assert value(metrics, "duijie_cases", state="HELD") is None
    assert value(metrics, "duijie_outbox_depth", kind="dispatch") is None
    assert value(metrics, "duijie_deadline_missed") == 0
