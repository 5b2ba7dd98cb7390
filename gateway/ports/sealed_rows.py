"""加密行: what is sealed in the ledger, under which of its data keys."""

from enum import StrEnum
from typing import Protocol


class SealedTable(StrEnum):
    """The tables with sealed columns."""

    CASES = "cases"
    CONTENTS = "contents"
    OUTBOX = "outbox"
    QUARANTINE = "quarantine"

    @property
    def start(self) -> "RowMark":
        """Where a walk over its rows begins."""
        return "" if self is SealedTable.CASES else 0


RowMark = int | str
"""How far a walk over a table has come: the primary key of the last row looked at."""


class SealedRows(Protocol):
    """The sealed columns of the ledger inside one transaction, and the uses of its data keys."""

    def reserve(self, epoch: int, uses: int) -> int | None:
        """Reserve uses of a data key; return how many are reserved in all, None at the bound.

        A negative number gives uses back.
        """
        ...

    def reseal(self, table: SealedTable, *, after: RowMark, limit: int) -> RowMark | None:
        """Seal some rows under today's key, those with the lowest primary keys above `after`.

        Return the highest one looked at, or None where there is nothing more. A row that does not
        open stays as it is.
        """
        ...
