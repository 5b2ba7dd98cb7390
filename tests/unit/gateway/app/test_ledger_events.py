"""What the ledger tells is counted each time, and logged once a row, by key and code alone."""

import logging

import pytest

from gateway.app.ledger_events import LedgerEvents
from gateway.metrics import Metrics
from gateway.ports.unreadable import UnreadableCode, UnreadableRow


def test_a_row_read_again_and_again_is_logged_once_and_counted_each_time(
    caplog: pytest.LogCaptureFixture,
) -> None:
    metrics = Metrics(version="0", contract="0")
    events = LedgerEvents(metrics)
    row = UnreadableRow("contents", "SY1", UnreadableCode.SEAL_BROKEN)
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            events.unreadable(row)
    assert [record.getMessage() for record in caplog.records] == ["seal.broken"]
    labels = {"table": "contents", "code": "store.seal-broken"}
    assert metrics.registry.get_sample_value("duijie_unreadable_rows_total", labels) == 3


def test_a_full_quarantine_is_an_alarm(caplog: pytest.LogCaptureFixture) -> None:
    metrics = Metrics(version="0", contract="0")
    LedgerEvents(metrics).quarantine_full("portal", 2)
    assert [(one.levelname, one.getMessage()) for one in caplog.records] == [
        ("CRITICAL", "quarantine.full")
    ]
    refused = metrics.registry.get_sample_value(
        "duijie_quarantine_refused_total", {"source": "portal"}
    )
    assert refused == 2
