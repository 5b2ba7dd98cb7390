"""实时画面: the table a person watches while applications travel there and back."""

from collections.abc import Mapping, Sequence
from typing import Final

from rich.cells import cell_len
from rich.console import Group
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from duijie.demo.progress import STATION_NAMES, Station, Tally, Trip, spoken_ms, tally
from duijie.demo.watch import Picture

_WIDE: Final = 124  # columns; below it the application number is shortened
_AROUND: Final = 6  # lines of the screen that are not rows of the table
_FEWEST: Final = 5
_TAIL: Final = 8  # characters of a shortened number
_LONGEST: Final = 29  # characters of a number as the simulator gives them
_DATE: Final = 10  # characters of a date
_TIME: Final = 8  # characters of a duration
_GAP: Final = 2  # columns between two cells
_NARROWEST, _WIDEST = 18, 36  # columns of a place's name and of an agency's
_ROOMY: Final = 140  # columns from which on the stations are named in full
_LEGS: Final = {False: (3, "国→关→机构→关→国"), True: (7, "国家端 网关    机构    网关 国家端")}
"""Characters between two stations and the heading above them, by whether there is room."""
_COLOURS: Final[Mapping[Station, str]] = {
    Station.FILED: "bright_black",
    Station.TAKEN: "cyan",
    Station.HANDED: "yellow",
    Station.DECIDED: "cyan",
    Station.BACK: "green",
}


def screen(picture: Picture, *, expected: int, width: int, height: int) -> Group:
    """Return the whole picture: the table, the bar, the figures."""
    trips = picture.trips
    shown = rows_shown(trips, max(height - _AROUND, _FEWEST))
    sums = tally(trips, picture.held_count)
    return Group(_table(shown, width), _footer(sums, expected, len(trips) - len(shown)))


def rows_shown(trips: Sequence[Trip], room: int) -> list[Trip]:
    """Choose the rows there is room for: those under way, then the latest, in order of filing."""
    by_interest = sorted(
        range(len(trips)), key=lambda at: (trips[at].is_back and not trips[at].is_doubled, -at)
    )
    return [trips[at] for at in sorted(by_interest[:room])]


def track(trip: Trip, leg: int) -> Text:
    """Draw the way: travelled stations filled, the present one bright, the rest still ahead."""
    drawn = Text()
    colour = _COLOURS[trip.station]
    for station in Station:
        if station:
            travelled = station <= trip.station
            drawn.append(("━" if travelled else "┄") * leg, colour if travelled else "dim")
        drawn.append(*_mark(trip, station, colour))
    return drawn


def _mark(trip: Trip, station: Station, colour: str) -> tuple[str, str]:
    if station > trip.station:
        return "○", "dim"
    if station < trip.station:
        return "●", colour
    return ("✔" if trip.is_back else "◉"), f"bold {colour}"


def _table(trips: Sequence[Trip], width: int) -> Table:
    """Every column has its width from the terminal, so that nothing jumps as rows come."""
    leg, heading = _LEGS[width >= _ROOMY]
    number = _LONGEST if width >= _WIDE else _TAIL + 1
    way = max(4 * leg + 5, cell_len(heading))
    place, agency = _names(width - sum(_GAP + cells for cells in (number, way, _DATE, _TIME)))
    table = Table(box=None, padding=(0, 1), header_style="bold")
    table.add_column("申请编号", no_wrap=True, width=number, style="bright_black")
    table.add_column("登记失业地", no_wrap=True, width=place)
    if agency:
        table.add_column("承办机构", no_wrap=True, width=agency)
    table.add_column(heading, no_wrap=True, width=way)
    table.add_column("办结时限", no_wrap=True, width=_DATE)
    table.add_column("用时", no_wrap=True, width=_TIME, justify="right")
    for trip in trips:
        cells = [_number(trip.number, width), trip.place]
        listed = [trip.agency or "…"] if agency else []
        table.add_row(*cells, *listed, track(trip, leg), trip.due_on or "…", _time(trip))
    return table


def _names(room: int) -> tuple[int, int]:
    """Share `room` cells between place and agency; the agency is left out where it is too tight."""
    if room < 2 * (_NARROWEST + _GAP):
        return max(room - _GAP, _NARROWEST), 0
    agency = min((room - 2 * _GAP) // 2, _WIDEST)
    return min(room - 2 * _GAP - agency, _WIDEST), agency


def _number(number: str, width: int) -> str:
    return number if width >= _WIDE or len(number) <= _TAIL else f"…{number[-_TAIL:]}"


def _time(trip: Trip) -> Text:
    if trip.is_doubled:
        return Text("重复！", "bold red")
    if trip.is_back:
        return Text(spoken_ms(trip.took_ms), "green")
    return Text(STATION_NAMES[trip.station], _COLOURS[trip.station])


def _footer(sums: Tally, expected: int, hidden: int) -> Panel:
    line = Table.grid(padding=(0, 2))
    bar = ProgressBar(total=max(expected, 1), completed=sums.back, width=36, complete_style="green")
    done = Text.assemble(("已回到国家端 ", ""), (f"{sums.back}", "bold green"), f" / {expected}")
    line.add_row(done, bar, counts(sums))
    times = Text(times_line(sums), "bright_black")
    if hidden:
        times.append(f"    另有 {hidden} 件未显示", "dim")
    return Panel(Group(line, times), border_style="bright_black", padding=(0, 1))


def counts(sums: Tally) -> Text:
    """Return the counts that matter, red where they should be nought."""
    return Text.assemble(
        f"途中 {sums.under_way}  ",
        (f"挂起 {sums.held}", "red" if sums.held else ""),
        "  ",
        (f"重复 {sums.doubled}", "bold red" if sums.doubled else ""),
    )


def times_line(sums: Tally) -> str:
    """Return the line with the percentiles of the there-and-back time."""
    return (
        f"往返用时  中位 {spoken_ms(sums.p50_ms)} · 99% 以内 {spoken_ms(sums.p99_ms)}"
        f" · 最长 {spoken_ms(sums.longest_ms)}"
    )
