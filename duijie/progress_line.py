"""进度行: on a terminal, how far a long reading or writing is; in a pipe nothing."""

import sys
from typing import Final

import click

_EVERY: Final = 500


class ProgressLine:
    """Counts cases, and tells of every page of them on one line of the terminal."""

    def __init__(self, verb: str, total: int | None = None) -> None:
        self._verb, self._of = verb, "" if total is None else f"/{total}"
        self._done = self._shown = 0
        self._shows = sys.stderr.isatty()

    def add(self, count: int = 1) -> None:
        """Count cases that are done."""
        self._done += count
        if self._done - self._shown >= _EVERY:
            self._tell()

    def end(self) -> None:
        """Tell the last number and end the line, where anything was shown."""
        if self._shown:
            self._tell()
            self._write("\n")

    def _tell(self) -> None:
        self._shown = self._done
        self._write(f"\r已{self._verb} {self._done}{self._of} 件")

    def _write(self, text: str) -> None:
        if self._shows:
            click.echo(text, nl=False, err=True)
