from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from duijie.demo.progress import ApplicationProgress, Stage, add_up, format_ms, percentile

FILED_AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def an_application(number: str = "A-1", **changes: object) -> ApplicationProgress:
    """An application that was just filed."""
    filed = ApplicationProgress(number=number, place="济源市", stage=Stage.FILED, filed_at=FILED_AT)
    return replace(filed, **changes)  # type: ignore[arg-type] # field names are checked by replace


def an_application_back(
    number: str = "A-1", *, duration_ms: int = 40, **changes: object
) -> ApplicationProgress:
    """An application whose result is in the national book, everything once."""
    back = replace(
        an_application(number),
        stage=Stage.BACK,
        back_at=FILED_AT + timedelta(milliseconds=duration_ms),
        effects=1,
        dispatches=1,
        decisions=1,
    )
    return replace(back, **changes)  # type: ignore[arg-type] # field names are checked by replace


def test_there_and_back_time_runs_from_filing_to_the_national_book() -> None:
    assert an_application_back(duration_ms=1234).duration_ms == 1234
    assert an_application().duration_ms is None


@pytest.mark.parametrize(
    "application",
    [
        an_application_back(effects=2),
        an_application_back(dispatches=2),
        an_application_back(decisions=2),
    ],
)
def test_anything_that_happened_twice_is_a_doubling(application: ApplicationProgress) -> None:
    assert application.is_doubled
    assert not an_application_back().is_doubled


def test_what_is_neither_back_nor_held_is_under_way_and_lost_in_the_end() -> None:
    totals = add_up([an_application_back(), an_application("A-2"), an_application("A-3")], held=1)
    assert (totals.count, totals.back, totals.held, totals.under_way) == (3, 1, 1, 1)
    assert not totals.is_complete


def test_a_case_that_is_held_and_back_counts_as_back() -> None:
    totals = add_up([an_application_back()], held=4)
    assert (totals.back, totals.held, totals.under_way) == (1, 0, 0)
    assert totals.is_complete


def test_a_doubling_spoils_a_run_in_which_all_are_back() -> None:
    totals = add_up([an_application_back(), an_application_back(effects=2)])
    assert (totals.back, totals.doubled) == (2, 1)
    assert not totals.is_complete


def test_percentiles_are_values_that_were_measured() -> None:
    values = [float(value) for value in range(1, 201)]
    assert percentile(values, 50) == 100
    assert percentile(values, 99) == 198
    assert percentile([7.0], 99) == 7.0
    assert percentile([], 50) is None


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [(None, "–"), (41.4, "41 ms"), (1270.0, "1.27 s"), (185_000.0, "3 min 05 s")],
)
def test_a_duration_is_formatted_for_a_person(milliseconds: float | None, text: str) -> None:
    assert format_ms(milliseconds) == text
