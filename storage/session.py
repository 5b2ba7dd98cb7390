"""One connection inside one transaction, as units of work and views use it."""

from collections.abc import Sequence
from typing import Any, Protocol

Value = str | bytes | int | None
Row = tuple[Any, ...]  # as a driver returns it; the user of the engine gives its columns types


class StaleWrite(Exception):
    """Another process changed the same rows at the same moment: the unit of work is run again."""


class Session(Protocol):
    """Runs named statements; values stand in the order of the statement's placeholders.

    `prefers_narrow_updates` says whether an update that sets fewer columns is worth a statement of
    its own: on SQLite, which rewrites the index of every column that is set.
    """

    prefers_narrow_updates: bool

    def rows(self, name: str, *values: Value) -> list[Row]:
        """Return what the statement reads."""
        ...

    def rows_among(self, name: str, keys: Sequence[str | int], *before: Value) -> list[Row]:
        """Return what a statement reads whose last placeholder is a list."""
        ...

    def rows_matching(self, name: str, table: Sequence[Row], *before: Value) -> list[Row]:
        """Return what a statement reads or returns whose last placeholder is a small table."""
        ...

    def change(self, name: str, *values: Value) -> int:
        """Return how many rows the statement changed."""
        ...

    def change_each(self, name: str, table: Sequence[Row]) -> int:
        """Run the statement for each row, as the store does it fastest; how many changed."""
        ...
