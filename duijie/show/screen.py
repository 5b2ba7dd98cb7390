"""实时画面: the table a person watches while applications travel there and back."""

from collections.abc import Mapping, Sequence
from typing import Final

from rich.console import Group
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from duijie.show.journey import STATION_NAMES, Station, Tally, Trip, spoken_ms, tally
from duijie.watch import Picture

_WIDE: Final = 118  # columns; below it the application number is shortened
_MEDIUM: Final = 96  # below it the agency is left out
_AROUND: Final = 6  # lines of the screen that are not rows of the table
_FEWEST: Final = 5
_TAIL: Final = 8  # characters of a shortened number
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
    table = Table(box=None, padding=(0, 1), header_style="bold", expand=width < _WIDE)
    table.add_column("申请编号", no_wrap=True, style="bright_black")
    table.add_column("登记失业地", no_wrap=True, overflow="ellipsis", min_width=12)
    if width >= _MEDIUM:
        table.add_column("承办机构", no_wrap=True, overflow="ellipsis", max_width=26)
    leg, heading = _LEGS[width >= _ROOMY]
    table.add_column(heading, no_wrap=True, min_width=4 * leg + 5)
    table.add_column("办结时限", no_wrap=True)
    table.add_column("用时", no_wrap=True, justify="right", min_width=8)
    for trip in trips:
        cells = [_number(trip.number, width), trip.place]
        agency = [trip.agency or "…"] if width >= _MEDIUM else []
        table.add_row(*cells, *agency, track(trip, leg), trip.due_on or "…", _time(trip))
    return table


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
