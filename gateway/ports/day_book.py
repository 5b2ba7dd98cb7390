"""往来日账: what passed between the two sides, under the day that it counts for there."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from gateway.domain.statement_line import Line


class DayBook(Protocol):
    """Each message once, under the Beijing date of its instant at the national side."""

    def enter(self, passed: Mapping[Line, datetime]) -> None:
        """Enter messages by their instants there; one entered before stays where it is."""
        ...

    def move(self, passed: Mapping[Line, datetime]) -> None:
        """Enter messages by the instants that a statement has, wherever they were before."""
        ...

    def strike(self, lines: Sequence[Line]) -> None:
        """Take out messages that are sent again, to be entered when they are received."""
        ...
