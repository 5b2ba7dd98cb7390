"""下载滞后: the hour from submission to storage, whatever the two clocks say."""

from datetime import UTC, datetime, timedelta

import pytest

from gateway.domain.download_lag import DOWNLOAD_WITHIN, DownloadLag, late_minutes
from tests.builders.ledger import a_case

AT = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def lag_of(submitted: timedelta, forwarded: timedelta) -> DownloadLag:
    return DownloadLag.of(AT - submitted, AT - forwarded, AT)


@pytest.mark.parametrize(
    ("since", "is_late"),
    [
        (timedelta(), False),
        (DOWNLOAD_WITHIN, False),
        (DOWNLOAD_WITHIN + timedelta(microseconds=1), True),
        (timedelta(days=40_000), True),
    ],
)
def test_what_takes_more_than_an_hour_from_submission_is_late(
    since: timedelta, is_late: bool
) -> None:
    lag = lag_of(since, timedelta())
    assert (lag.since_submission, lag.is_late, lag.is_ahead) == (since, is_late, False)


def test_what_was_forwarded_late_is_late_though_it_was_downloaded_at_once() -> None:
    lag = lag_of(timedelta(hours=2), SECOND)
    assert (lag.is_late, lag.since_forwarding) == (True, SECOND)


@pytest.mark.parametrize(
    ("submitted", "forwarded"),
    [(-SECOND, -SECOND), (SECOND, -SECOND), (timedelta(days=-60_000), timedelta())],
)
def test_a_clock_that_is_ahead_makes_no_lag_below_nothing_and_is_counted_apart(
    submitted: timedelta, forwarded: timedelta
) -> None:
    lag = lag_of(submitted, forwarded)
    assert lag.is_ahead
    assert not lag.is_late
    assert min(lag.since_submission, lag.since_forwarding) >= timedelta()


@pytest.mark.parametrize(
    ("since", "minutes"),
    [
        (timedelta(hours=1), None),
        (timedelta(hours=1, seconds=1), 60),
        (timedelta(minutes=75, seconds=59), 75),
        (timedelta(minutes=-5), None),
    ],
)
def test_a_case_says_by_how_many_minutes_it_came_too_late(
    since: timedelta, minutes: int | None
) -> None:
    case = a_case()._replace(submitted_at=AT - since, accepted_at=AT)
    assert late_minutes(case) == minutes


def test_what_an_agency_accepted_itself_was_never_downloaded() -> None:
    local = a_case()._replace(
        key="419001/JY-1", dispatches=0, dispatch_no=None, submitted_at=AT, accepted_at=AT
    )
    long_ago = local._replace(submitted_at=AT - timedelta(days=3))
    assert (local.is_local, late_minutes(long_ago)) == (True, None)
