"""Instants and dates: whatever a record may say can be converted, stored and read back."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from gateway.adapters.storage.rows import instant, micros
from schemas.records.base import CivilDate, Instant

INSTANTS: Final[TypeAdapter[datetime]] = TypeAdapter(Instant)
DATES: Final[TypeAdapter[date]] = TypeAdapter(CivilDate)
BEIJING: Final = ZoneInfo("Asia/Shanghai")
OFFSETS: Final = st.integers(-1439, 1439).map(lambda m: timezone(timedelta(minutes=m)))
LAWFUL: Final = st.datetimes(datetime(1900, 1, 1), datetime(2199, 12, 31, 23, 59, 59, 999_999))  # noqa: DTZ001 -- the zone is drawn beside it


@given(LAWFUL, OFFSETS)
def test_an_instant_that_is_taken_can_be_converted_stored_and_read_back(
    wall: datetime, offset: timezone
) -> None:
    taken = INSTANTS.validate_json(f'"{wall.replace(tzinfo=offset).isoformat()}"')

    assert taken.astimezone(UTC) == taken.astimezone(BEIJING) == taken
    assert instant(micros(taken)) == taken
    assert INSTANTS.validate_python(instant(micros(taken))) == taken


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_a_date_that_is_taken_can_be_read_back(day: date) -> None:
    assert DATES.validate_json(f'"{day.isoformat()}"') == DATES.validate_python(day) == day
    assert day - timedelta(days=366) < day < day + timedelta(days=366)


@pytest.mark.parametrize(
    "written",
    [
        "0001-01-01T00:00:00+08:00",
        "0001-01-01T00:00:00Z",
        "1899-12-31T23:59:59Z",
        "2200-01-01T00:00:00Z",
        "9999-12-31T23:59:59-08:00",
    ],
)
def test_an_instant_beyond_the_years_of_the_contract_is_refused(written: str) -> None:
    with pytest.raises(ValidationError):
        INSTANTS.validate_json(f'"{written}"')
    with pytest.raises(ValidationError):
        INSTANTS.validate_python(datetime.min.replace(tzinfo=UTC))


@pytest.mark.parametrize("written", ["0001-01-01", "1899-12-31", "2200-01-01", "9999-12-31"])
def test_a_date_beyond_the_years_of_the_contract_is_refused(written: str) -> None:
    with pytest.raises(ValidationError):
        DATES.validate_json(f'"{written}"')
    with pytest.raises(ValidationError):
        DATES.validate_python(date.fromisoformat(written))
