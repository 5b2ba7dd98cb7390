"""工作日历: which days of Beijing's calendar are working days, by announced year."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final, Self

from schemas.reference.csv_table import TableUnreadable, optional_date, read_rows
from schemas.reference.table_reasons import TableReason

SHIPPED: Final = Path(__file__).parent.parent / "data" / "calendar"
_COLUMNS: Final = ("date", "kind", "name", "source")
_DAY: Final = timedelta(days=1)
_SATURDAY: Final = 5


class DayKind(StrEnum):
    """What an announcement makes of a day: 放假 or 调休上班."""

    OFF = "off"
    WORK = "work"


_KINDS: Final = frozenset(DayKind)


class CalendarGap(LookupError):
    """A day was asked for in a year whose holidays are not known."""

    code: Final = "calendar.gap"

    def __init__(self, year: int) -> None:
        super().__init__(f"the working calendar of {year} is not known: add {year}.csv")
        self.year = year


SpecialDays = Mapping[date, DayKind]
"""The days of one year that an announcement takes out of the week's rule."""


class WorkingCalendar:
    """Working days (工作日) of the years that have been announced; immutable.

    Source: the State Council's yearly notices (国办发明电), named in each row's `source`.
    """

    __slots__ = ("_working",)

    def __init__(self, years: Mapping[int, SpecialDays]) -> None:
        self._working: Final = MappingProxyType(
            {year: tuple(_working_days(year, special)) for year, special in years.items()}
        )

    @classmethod
    def load(cls, folder: Path | None = None) -> Self:
        """Read the shipped years; a `YYYY.csv` in `folder` adds or replaces a whole year.

        Raises:
            TableUnreadable: A file or one of its rows is not what the format says.
        """
        years = dict(_shipped())
        if folder is not None:
            if not folder.is_dir():
                raise TableUnreadable(folder, 0, TableReason.NO_FOLDER.at())
            years |= _read_folder(folder)
        return cls(years)

    def __eq__(self, other: object) -> bool:
        """Tell whether both know the same years, day by day."""
        return isinstance(other, WorkingCalendar) and self._working == other._working

    def __hash__(self) -> int:
        """Return a hash of the years that are known."""
        return hash(self.years)

    @property
    def years(self) -> tuple[int, ...]:
        """The years that are known, in order."""
        return tuple(sorted(self._working))

    def next_working_day_on_or_after(self, day: date) -> date:
        """Return `day` itself if it is a working day, else the first one after it.

        Raises:
            CalendarGap: The calendar ends before a working day is found.
        """
        year = day.year
        while True:
            days = self._of_year(year)
            at = bisect_left(days, day)
            if at < len(days):
                return days[at]
            year += 1

    def add_working_days(self, start: date, working_days: int) -> date:
        """Return the last day of a period of `working_days` that begins on `start`.

        The day of the start does not count, working day or not; zero gives `start` back.

        Raises:
            CalendarGap: The calendar ends before the period does.
            ValueError: `working_days` is negative.

        Source: 民法典 art. 201 (the first day does not count).
        """
        if working_days < 0:
            raise ValueError("working_days must not be negative")
        if working_days == 0:
            return start
        first = start + _DAY
        left, year = working_days, first.year
        while True:
            days = self._of_year(year)
            at = bisect_left(days, first) + left - 1
            if at < len(days):
                return days[at]
            left, year = at - len(days) + 1, year + 1

    def count_working_days(self, after: date, until: date) -> int:
        """Return how many working days there are after the day `after`, up to and with `until`.

        None are counted where `until` is not later.

        Raises:
            CalendarGap: A year in between is not known.
        """
        count = 0
        for year in range(after.year, until.year + 1 if until > after else after.year):
            days = self._of_year(year)
            count += bisect_right(days, until) - bisect_right(days, after)
        return count

    def _of_year(self, year: int) -> tuple[date, ...]:
        days = self._working.get(year)
        if days is None:
            raise CalendarGap(year)
        return days


def _working_days(year: int, special: SpecialDays) -> Iterator[date]:
    day, end = date(year, 1, 1), date(year, 12, 31)
    while day <= end:
        kind = special.get(day)
        if kind is DayKind.WORK or (kind is None and day.weekday() < _SATURDAY):
            yield day
        day += _DAY


@cache
def _shipped() -> Mapping[int, SpecialDays]:
    return MappingProxyType(_read_folder(SHIPPED))


def _read_folder(folder: Path) -> dict[int, SpecialDays]:
    return {_year_of(path): _read_year(path) for path in sorted(folder.glob("*.csv"))}


def _year_of(path: Path) -> int:
    if len(path.stem) != 4 or not (path.stem.isascii() and path.stem.isdigit()):
        raise TableUnreadable(path, 0, TableReason.FILE_NAME.at())
    return int(path.stem)


def _read_year(path: Path) -> SpecialDays:
    year, special = _year_of(path), dict[date, DayKind]()
    for line, (text, kind, _, _) in read_rows(path, _COLUMNS):
        day = optional_date(path, line, text)
        if day is None or day.year != year or day in special:
            raise TableUnreadable(path, line, TableReason.DAY.at())
        if kind not in _KINDS:
            raise TableUnreadable(path, line, TableReason.KIND.at(cell=repr(kind)))
        special[day] = DayKind(kind)
    if not special:
        raise TableUnreadable(path, 1, TableReason.NO_DAYS.at())
    return MappingProxyType(special)
