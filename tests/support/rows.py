"""Rows of a list that must all be readable: what nearly every test expects."""

from collections.abc import Iterable
from typing import TypeVar

from gateway.domain.case import HistoryEntry
from gateway.ports.unreadable import UnreadableRow
from gateway.ports.views import QuarantineRow, UnreadableCase, WorkRow

R = TypeVar("R", HistoryEntry, QuarantineRow, WorkRow)


def readable(rows: Iterable[R | UnreadableRow | UnreadableCase]) -> list[R]:
    """Return the rows; fail where one cannot be read."""
    read: list[R] = []
    for row in rows:
        assert not isinstance(row, UnreadableRow | UnreadableCase), row
        read.append(row)
    return read
