"""待发: retries spread, bounded, as the peer wishes within reason; a breaker that opens."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.retry_policy import (
    BATCH,
    FIRST_WAIT,
    LONGEST_WAIT,
    BatchSize,
    Breaker,
    PeerPause,
    goes_alone,
    next_attempt,
    store_retry,
)
from tests.builders.records import MORNING

HALF_A_SECOND = timedelta(milliseconds=500)
TEN_YEARS_S = 10 * 365 * 24 * 3600.0


def wait(attempts: int, jitter: float = 0.999, retry_after_s: float | None = None) -> timedelta:
    again = next_attempt(attempts, now=MORNING, jitter=lambda: jitter, retry_after_s=retry_after_s)
    return again - MORNING


@given(
    st.integers(0, 10_000),
    st.floats(0, 1, exclude_max=True),
    st.none() | st.floats(allow_nan=False),
)
def test_the_next_attempt_is_half_a_second_to_an_hour_away(
    attempts: int, jitter: float, retry_after_s: float | None
) -> None:
    assert HALF_A_SECOND <= wait(attempts, jitter, retry_after_s) <= LONGEST_WAIT


def test_the_ceiling_doubles_until_it_is_an_hour() -> None:
    ceilings = [wait(attempts, 0.5) * 2 for attempts in range(15)]
    assert ceilings[:4] == [FIRST_WAIT, FIRST_WAIT * 2, FIRST_WAIT * 4, FIRST_WAIT * 8]
    assert ceilings == sorted(ceilings)
    assert ceilings[-1] == LONGEST_WAIT


def test_two_messages_do_not_go_again_at_the_same_moment() -> None:
    assert wait(8, 0.25) != wait(8, 0.75)


@pytest.mark.parametrize(
    ("asked_s", "granted_s"),
    [
        (0.0, 1.0),
        (-5.0, 1.0),
        (0.2, 1.0),
        (30.0, 30.0),
        (3600.0, 3600.0),
        (TEN_YEARS_S, 3600.0),
        (float("inf"), 3600.0),
        (float("-inf"), 1.0),
    ],
)
def test_retry_after_is_honoured_within_a_second_and_an_hour(
    asked_s: float, granted_s: float
) -> None:
    for attempts in (0, 1, 50):
        assert wait(attempts, 0.0, asked_s) == timedelta(seconds=granted_s)


def test_a_breaker_stays_shut_through_four_failures() -> None:
    breaker = Breaker()
    for _ in range(4):
        breaker = breaker.failed(MORNING, lambda: 0.5)
        assert breaker.allows(MORNING)
    assert not breaker.failed(MORNING, lambda: 0.5).allows(MORNING)


def test_an_open_breaker_lets_a_call_through_when_its_time_is_up() -> None:
    breaker = Breaker(failures=4).failed(MORNING, lambda: 0.5)
    assert breaker.open_until is not None
    assert not breaker.allows(breaker.open_until - timedelta(microseconds=1))
    assert breaker.allows(breaker.open_until)


def test_each_further_failure_opens_a_breaker_for_longer() -> None:
    breaker, waits = Breaker(failures=4), []
    for _ in range(20):
        breaker = breaker.failed(MORNING, lambda: 0.999)
        assert breaker.open_until is not None
        waits.append(breaker.open_until - MORNING)
    assert waits == sorted(waits)
    assert waits[0] < waits[5] < waits[-1] <= LONGEST_WAIT


def test_one_good_answer_shuts_a_breaker() -> None:
    assert Breaker(9, MORNING + LONGEST_WAIT).succeeded() == Breaker()


@given(st.lists(st.none() | st.floats(allow_nan=False), min_size=1, max_size=20))
def test_a_pause_is_a_second_to_an_hour_and_nothing_shortens_it(asked: list[float | None]) -> None:
    pause, longest = PeerPause(), timedelta()
    for retry_after_s in asked:
        pause = pause.failed(MORNING, retry_after_s)
        left = pause.remaining(MORNING)
        assert max(longest, timedelta(seconds=1)) <= left <= LONGEST_WAIT
        longest = left


def test_a_pause_ends_at_its_time() -> None:
    pause = PeerPause().failed(MORNING, 600)
    assert pause.remaining(MORNING + timedelta(seconds=599)) == timedelta(seconds=1)
    assert pause.remaining(MORNING + timedelta(days=1)) == timedelta()


@pytest.mark.parametrize("size", [100, 60, 7, 2])
def test_a_batch_is_one_message_after_a_few_failures_and_recovers_minute_by_minute(
    size: int,
) -> None:
    batch, failures = BatchSize(), 0
    while batch.limit(MORNING) > 1:
        batch = batch.failed(min(size, batch.limit(MORNING)), MORNING)
        failures += 1
    assert failures <= 7
    assert not goes_alone(failures)
    limits = [batch.limit(MORNING + timedelta(minutes=minute)) for minute in range(9)]
    assert limits == [1, 2, 4, 8, 16, 32, 64, BATCH, BATCH]
    assert batch.limit(MORNING - timedelta(days=1)) == 1


def test_a_page_may_be_larger_than_a_batch_and_recovers_to_its_own_size() -> None:
    page = BatchSize(200).failed(3, MORNING)
    assert BatchSize(200).limit(MORNING) == 200
    limits = [page.limit(MORNING + timedelta(minutes=minute)) for minute in range(10)]
    assert limits == [1, 2, 4, 8, 16, 32, 64, 128, 200, 200]


def test_a_message_that_was_in_every_batch_that_was_halved_goes_alone() -> None:
    assert [goes_alone(attempts) for attempts in (1, 7, 8, 1000)] == [False, False, True, True]


@given(st.floats(0, 1, exclude_max=True))
def test_our_own_store_is_tried_again_within_two_seconds(jitter: float) -> None:
    assert FIRST_WAIT <= store_retry(lambda: jitter) <= 2 * FIRST_WAIT
