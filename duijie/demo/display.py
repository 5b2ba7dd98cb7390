"""显示: shows a running demonstration: a live table on a terminal, else plain lines."""

from types import TracebackType
from typing import Protocol, Self

from rich.console import Console
from rich.live import Live

from duijie.demo.plain_lines import PlainLines
from duijie.demo.screen import render_screen
from duijie.demo.watch import Snapshot


class Display(Protocol):
    """Shows one snapshot after another."""

    interval_s: float
    """Time between two snapshots."""
    due_dates_per_read: int
    """How many due dates to ask for with each snapshot."""

    def __enter__(self) -> Self:
        """Start the display."""
        ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
        /,
    ) -> None:
        """Leave the last snapshot where it is."""
        ...

    def show(self, snapshot: Snapshot) -> None:
        """Show a snapshot."""
        ...


class LiveDisplay:
    """A table that is drawn anew with each snapshot, for a person."""

    interval_s = 0.08
    due_dates_per_read = 8

    def __init__(self, console: Console, expected: int) -> None:
        self._console, self._expected = console, expected
        self._live = Live(console=console, auto_refresh=False)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
        /,
    ) -> None:
        self._live.stop()

    def show(self, snapshot: Snapshot) -> None:
        """Draw the table anew, as large as the terminal is now."""
        size = self._console.size
        table = render_screen(
            snapshot, expected=self._expected, width=size.width, height=size.height
        )
        self._live.update(table, refresh=True)


class PlainDisplay:
    """Plain lines, for a log or a pipe; due dates are not shown and not asked for."""

    interval_s = 0.2
    due_dates_per_read = 0

    def __init__(self, console: Console, expected: int) -> None:
        self._console, self._lines = console, PlainLines(expected)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
        /,
    ) -> None:
        """Do nothing: every line is printed already."""

    def show(self, snapshot: Snapshot) -> None:
        """Print what is new."""
        for line in self._lines.new_lines(snapshot.applications):
            print_plain(self._console, line)


def display_for(console: Console, expected: int, *, live: bool) -> Display:
    """Return the live table, or plain lines."""
    return LiveDisplay(console, expected) if live else PlainDisplay(console, expected)


def print_plain(console: Console, text: str) -> None:
    """Print text as it is: no wrapping, no colour, no markup."""
    console.print(text, soft_wrap=True, highlight=False, markup=False)
