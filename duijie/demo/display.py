"""显示: how a running demonstration is shown: a live table on a terminal, else plain lines."""

from types import TracebackType
from typing import Protocol, Self

from rich.console import Console
from rich.live import Live

from duijie.demo.lines import Lines
from duijie.demo.screen import screen
from duijie.demo.watch import Picture


class Display(Protocol):
    """Shows one picture after another."""

    every_s: float
    """Time between two looks."""
    dates_a_look: int
    """How many due dates are worth asking for at each look."""

    def __enter__(self) -> Self:
        """Begin to show."""
        ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
        /,
    ) -> None:
        """Leave the last picture where it is."""
        ...

    def show(self, picture: Picture) -> None:
        """Show the present picture."""
        ...


class LiveDisplay:
    """A table that moves, for a person."""

    every_s = 0.08
    dates_a_look = 8

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

    def show(self, picture: Picture) -> None:
        """Draw the table anew, as large as the terminal is now."""
        size = self._console.size
        drawn = screen(picture, expected=self._expected, width=size.width, height=size.height)
        self._live.update(drawn, refresh=True)


class PlainDisplay:
    """Lines, for a log or a pipe; it asks for no more than it shows."""

    every_s = 0.2
    dates_a_look = 0

    def __init__(self, console: Console, expected: int) -> None:
        self._console, self._lines = console, Lines(expected)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
        /,
    ) -> None:
        """Nothing is held."""

    def show(self, picture: Picture) -> None:
        """Print what is new."""
        for line in self._lines.news(picture.trips):
            say(self._console, line)


def display_for(console: Console, expected: int, *, live: bool) -> Display:
    """Return the display that suits where the output goes."""
    return LiveDisplay(console, expected) if live else PlainDisplay(console, expected)


def say(console: Console, text: str) -> None:
    """Print text as it is: not wrapped, not coloured, nothing in it taken for markup."""
    console.print(text, soft_wrap=True, highlight=False, markup=False)
