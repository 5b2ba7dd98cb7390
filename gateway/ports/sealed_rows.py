"""加密行: what is sealed in the ledger, under which of its data keys."""

from enum import StrEnum
from typing import Protocol


class SealedTable(StrEnum):
    """The tables with sealed columns."""

    CONTENTS = "contents"
    OUTBOX = "outbox"
    QUARANTINE = "quarantine"


class SealedRows(Protocol):
    """The sealed columns of the ledger inside one transaction, and the uses of its data keys."""

    def reserve(self, epoch: int, uses: int) -> int | None:
        """Reserve uses of a data key; return how many are reserved in all, None at the bound."""
        ...

    def reseal(self, table: SealedTable, *, after: int, limit: int) -> int | None:
        """Seal some rows under today's key, those with the lowest ids above `after`.

        Return the highest id looked at, or None where there is nothing more. A row that does not
        open stays as it is.
        """
        ...
