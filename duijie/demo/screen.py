"""实时画面: the table a person watches while applications go there and back."""

from collections.abc import Mapping, Sequence
from typing import Final

from rich.cells import cell_len
from rich.console import Group
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from duijie.demo.progress import STAGE_NAMES, ApplicationProgress, Stage, Totals, add_up, format_ms
from duijie.demo.watch import Snapshot

_FULL_NUMBER_WIDTH: Final = 124  # columns; below it the application number is shortened
_LINES_AROUND: Final = 6  # lines of the screen that are not rows of the table
_MIN_ROWS: Final = 5
_SHORT_NUMBER: Final = 8  # characters of a shortened number
_FULL_NUMBER: Final = 29  # characters of a number as the simulator gives them
_DATE: Final = 10  # characters of a date
_TIME: Final = 8  # characters of a duration
_GAP: Final = 2  # columns between two cells
_MIN_NAME, _MAX_NAME = 18, 36  # columns of a place's name and of an agency's
_FULL_STAGES_WIDTH: Final = 140  # columns from which on the stages are named in full
_TRACKS: Final = {False: (3, "部→省→经办→省→部"), True: (7, "部端  网关   经办机构   网关  部端")}
"""Characters between two stages and the heading above them, by whether there is room."""
_COLOURS: Final[Mapping[Stage, str]] = {
    Stage.FILED: "bright_black",
    Stage.ACCEPTED: "cyan",
    Stage.DISPATCHED: "yellow",
    Stage.DECIDED: "cyan",
    Stage.BACK: "green",
}


def render_screen(snapshot: Snapshot, *, expected: int, width: int, height: int) -> Group:
    """Return the whole screen: the table, the bar, the figures."""
    applications = snapshot.applications
    shown = rows_shown(applications, max(height - _LINES_AROUND, _MIN_ROWS))
    totals = add_up(applications, snapshot.held_count)
    return Group(_table(shown, width), _footer(totals, expected, len(applications) - len(shown)))


def rows_shown(applications: Sequence[ApplicationProgress], room: int) -> list[ApplicationProgress]:
    """Return as many as there is room for, those under way first, in order of filing."""

    def rank(at: int) -> tuple[bool, int]:
        one = applications[at]
        return one.is_back and not one.is_doubled, -at

    by_interest = sorted(range(len(applications)), key=rank)
    return [applications[at] for at in sorted(by_interest[:room])]


def render_track(one: ApplicationProgress, leg: int) -> Text:
    """Draw the stages: those behind filled, the present one bright, those ahead empty."""
    drawn = Text()
    colour = _COLOURS[one.stage]
    for stage in Stage:
        if stage:
            done = stage <= one.stage
            drawn.append(("━" if done else "┄") * leg, colour if done else "dim")
        drawn.append(*_mark(one, stage, colour))
    return drawn


def _mark(one: ApplicationProgress, stage: Stage, colour: str) -> tuple[str, str]:
    if stage > one.stage:
        return "○", "dim"
    if stage < one.stage:
        return "●", colour
    return ("✔" if one.is_back else "◉"), f"bold {colour}"


def _table(applications: Sequence[ApplicationProgress], width: int) -> Table:
    """Widths follow from the terminal alone, so that no column moves as rows come."""
    leg, heading = _TRACKS[width >= _FULL_STAGES_WIDTH]
    number = _FULL_NUMBER if width >= _FULL_NUMBER_WIDTH else _SHORT_NUMBER + 1
    way = max(4 * leg + 5, cell_len(heading))
    place, agency = _names(width - sum(_GAP + cells for cells in (number, way, _DATE, _TIME)))
    table = Table(box=None, padding=(0, 1), header_style="bold")
    table.add_column("申请编号", no_wrap=True, width=number, style="bright_black")
    table.add_column("登记失业地", no_wrap=True, width=place)
    if agency:
        table.add_column("经办机构", no_wrap=True, width=agency)
    table.add_column(heading, no_wrap=True, width=way)
    table.add_column("办结时限", no_wrap=True, width=_DATE)
    table.add_column("用时", no_wrap=True, width=_TIME, justify="right")
    for one in applications:
        cells = [_number(one.number, width), one.place]
        cells += [one.agency or "…"] if agency else []
        table.add_row(*cells, render_track(one, leg), one.due_on or "…", _time(one))
    return table


def _names(room: int) -> tuple[int, int]:
    """Return the widths of place and agency in `room` cells; 0 where the agency has no room."""
    if room < 2 * (_MIN_NAME + _GAP):
        return max(room - _GAP, _MIN_NAME), 0
    agency = min((room - 2 * _GAP) // 2, _MAX_NAME)
    return min(room - 2 * _GAP - agency, _MAX_NAME), agency


def _number(number: str, width: int) -> str:
    return (
        number
        if width >= _FULL_NUMBER_WIDTH or len(number) <= _SHORT_NUMBER
        else f"…{number[-_SHORT_NUMBER:]}"
    )


def _time(one: ApplicationProgress) -> Text:
    if one.is_doubled:
        return Text("重复", "bold red")
    if one.is_back:
        return Text(format_ms(one.duration_ms), "green")
    return Text(STAGE_NAMES[one.stage], _COLOURS[one.stage])


def _footer(totals: Totals, expected: int, hidden: int) -> Panel:
    line = Table.grid(padding=(0, 2))
    bar = ProgressBar(
        total=max(expected, 1), completed=totals.back, width=36, complete_style="green"
    )
    done = Text.assemble(("已回到部端 ", ""), (f"{totals.back}", "bold green"), f" / {expected}")
    line.add_row(done, bar, counts(totals))
    times = Text(times_line(totals), "bright_black")
    if hidden:
        times.append(f"    另有 {hidden} 件未显示", "dim")
    return Panel(Group(line, times), border_style="bright_black", padding=(0, 1))


def counts(totals: Totals) -> Text:
    """Return the counts that matter, red where they should be zero."""
    return Text.assemble(
        f"在途 {totals.under_way}  ",
        (f"挂起 {totals.held}", "red" if totals.held else ""),
        "  ",
        (f"重复 {totals.doubled}", "bold red" if totals.doubled else ""),
    )


def times_line(totals: Totals) -> str:
    """Return the line with the percentiles of the time there and back."""
    return (
        f"往返用时  中位 {format_ms(totals.p50_ms)} · 99% 以内 {format_ms(totals.p99_ms)}"
        f" · 最长 {format_ms(totals.max_ms)}"
    )
