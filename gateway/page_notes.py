"""What the log and the figures say of a page of forwarded items, downloaded or pushed."""

import logging
from collections.abc import Sequence
from enum import StrEnum

from gateway.domain.download_lag import DownloadLag
from gateway.events import say
from gateway.flows.page_result import IngestedItem
from gateway.metrics import Metrics


class IntakeWay(StrEnum):
    """How an item came."""

    PULL = "pull"
    PUSH = "push"


def note_page(
    rows: Sequence[IngestedItem], way: IntakeWay, *, metrics: Metrics, logger: logging.Logger
) -> None:
    """Count a page that was stored, and log it in one line; another says what came late."""
    metrics.count_page(rows, way)
    say(
        logger,
        logging.INFO,
        "page.taken-over",
        way=way.value,
        count=len(rows),
        held=sum(row.held is not None for row in rows),
        repeated=sum(row.repeated for row in rows),
    )
    lags = [row.lag for row in rows if row.lag is not None]
    _note_lags(lags, way, metrics, logger)


def _note_lags(
    lags: Sequence[DownloadLag], way: IntakeWay, metrics: Metrics, logger: logging.Logger
) -> None:
    metrics.count_lags(lags, way)
    late = [one.since_submission for one in lags if one.is_late]
    if late:
        longest_s = int(max(late).total_seconds())
        say(logger, logging.WARNING, "page.late", way=way.value, count=len(late), lag_s=longest_s)
