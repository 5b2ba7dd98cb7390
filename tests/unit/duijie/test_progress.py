from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from duijie.demo.progress import Station, Trip, percentile, spoken_ms, tally

FILED_AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def a_trip(number: str = "A-1", **changes: object) -> Trip:
    """An application that was just filed."""
    filed = Trip(number=number, place="济源市", station=Station.FILED, filed_at=FILED_AT)
    return replace(filed, **changes)  # type: ignore[arg-type] # field names are checked by replace


def a_trip_back(number: str = "A-1", *, took_ms: int = 40, **changes: object) -> Trip:
    """An application whose result is in the national book, everything once."""
    back = replace(
        a_trip(number),
        station=Station.BACK,
        back_at=FILED_AT + timedelta(milliseconds=took_ms),
        effects=1,
        dispatches=1,
        decisions=1,
    )
    return replace(back, **changes)  # type: ignore[arg-type] # field names are checked by replace


def test_there_and_back_time_runs_from_filing_to_the_national_book() -> None:
    assert a_trip_back(took_ms=1234).took_ms == 1234
    assert a_trip().took_ms is None


@pytest.mark.parametrize(
    "trip", [a_trip_back(effects=2), a_trip_back(dispatches=2), a_trip_back(decisions=2)]
)
def test_anything_that_happened_twice_is_a_doubling(trip: Trip) -> None:
    assert trip.is_doubled
    assert not a_trip_back().is_doubled


def test_what_is_neither_back_nor_held_is_under_way_and_lost_in_the_end() -> None:
    sums = tally([a_trip_back(), a_trip("A-2"), a_trip("A-3")], held=1)
    assert (sums.count, sums.back, sums.held, sums.under_way) == (3, 1, 1, 1)
    assert not sums.is_whole


def test_a_case_that_is_held_and_back_counts_as_back() -> None:
    sums = tally([a_trip_back()], held=4)
    assert (sums.back, sums.held, sums.under_way) == (1, 0, 0)
    assert sums.is_whole


def test_a_doubling_spoils_a_run_in_which_all_are_back() -> None:
    sums = tally([a_trip_back(), a_trip_back(effects=2)])
    assert (sums.back, sums.doubled) == (2, 1)
    assert not sums.is_whole


def test_percentiles_are_values_that_were_measured() -> None:
    values = [float(value) for value in range(1, 201)]
    assert percentile(values, 50) == 100
    assert percentile(values, 99) == 198
    assert percentile([7.0], 99) == 7.0
    assert percentile([], 50) is None


@pytest.mark.parametrize(
    ("milliseconds", "spoken"),
    [(None, "–"), (41.4, "41 ms"), (1270.0, "1.27 s"), (185_000.0, "3 min 05 s")],
)
def test_a_duration_is_told_as_a_person_reads_it(milliseconds: float | None, spoken: str) -> None:
    assert spoken_ms(milliseconds) == spoken
