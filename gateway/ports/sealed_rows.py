"""加密行: what is sealed in the ledger, under which of its keys."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class SealedTable(StrEnum):
    """The tables with sealed columns."""

    CASES = "cases"
    CONTENTS = "contents"
    OUTBOX = "outbox"
    QUARANTINE = "quarantine"
    INBOX = "inbox"
    LEDGER_HISTORY = "ledger_history"
    ENTRY_TEXTS = "entry_texts"
    DIRECTORY_VERSIONS = "directory_versions"
    DISCLOSURES = "disclosures"
    TABLE_DECISIONS = "table_decisions"

    @property
    def start(self) -> "RowMark":
        """Where a walk over its rows begins."""
        match self:
            case SealedTable.CASES:
                return ("",)
            case SealedTable.INBOX:
                return ("", "", "", 0)
            case SealedTable.ENTRY_TEXTS | SealedTable.TABLE_DECISIONS:
                return ("", 0)
            case _:
                return (0,)


RowMark = tuple[int | str, ...]
"""How far a walk over a table has come: the primary key of the last row looked at."""


class SealedRows(Protocol):
    """The sealed columns of the ledger inside one transaction, and the uses of its data keys."""

    def reserve(self, epoch: int, uses: int) -> int | None:
        """Reserve uses of a data key; return how many are reserved in all, None at the bound.

        A negative number gives uses back.
        """
        ...

    def reseal(self, table: SealedTable, *, after: RowMark, limit: int) -> RowMark | None:
        """Bring some rows under today's keys, those with the lowest primary keys above `after`.

        They are sealed again, what is searched for or compared is hashed again, and what earlier
        programs wrote in clear is sealed. Return the highest primary key looked at, or None where
        there is nothing more. A row that does not open stays as it is.
        """
        ...

    def retire(self, epochs: Collection[int], at: datetime) -> None:
        """Note that nothing needs the keys of these epochs any more."""
        ...
