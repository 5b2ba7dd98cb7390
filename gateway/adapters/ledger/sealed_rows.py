"""加密行: bringing rows under today's keys, and the table `key_uses`."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Final, NamedTuple

from gateway.adapters.ledger.row_shapes import DAMAGED
from gateway.adapters.ledger.rows_to_reseal import (
    BodyToReseal,
    ContentToReseal,
    DecisionToReseal,
    DirectoryToReseal,
    DisclosureToReseal,
    EntryTextToReseal,
    EntryToReseal,
    ItemToReseal,
    LedgerEntryToReseal,
    RowToReseal,
    case_to_reseal,
)
from gateway.adapters.ledger.timestamps import micros
from gateway.ports.sealed_rows import RowMark, SealedTable
from storage.errors import SealBroken
from storage.key_uses import MAX_USES
from storage.sealing import EPOCH_BYTES, Sealer
from storage.session import Row, Session, Value


class SqlSealedRows:
    """`SealedRows` inside one transaction of `session`."""

    __slots__ = ("_sealer", "_session")

    def __init__(self, session: Session, sealer: Sealer) -> None:
        self._session, self._sealer = session, sealer

    def reserve(self, epoch: int, uses: int) -> int | None:
        """Reserve uses of a data key; return how many are reserved in all, None at the bound."""
        for (reserved,) in self._session.rows("reserve_key_uses", epoch, uses, MAX_USES):
            return int(reserved)
        return None

    def retire(self, epochs: Collection[int], at: datetime) -> None:
        """Note that nothing needs the keys of these epochs any more."""
        for epoch in sorted(epochs):
            self._session.change("retire_key", micros(at), epoch)

    def reseal(self, table: SealedTable, *, after: RowMark, limit: int) -> RowMark | None:
        """Bring some rows under today's keys; return the highest primary key looked at."""
        how = _TABLES[table]
        found = self._session.rows(how.find, *after, *how.today(self._sealer.epoch), limit)
        rows = [how.read(row) for row in found]
        resealed = [values for row in rows if (values := self._resealed(row)) is not None]
        if table is SealedTable.QUARANTINE:
            self._replace_quarantined(resealed)
        else:
            self._session.change_each(how.replace, resealed)
        return rows[-1].mark if rows else None

    def _resealed(self, row: RowToReseal) -> Row | None:
        try:
            return row.resealed(self._sealer)
        except (*DAMAGED, SealBroken):  # whoever reads the row reports it; it keeps its key in use
            return None

    def _replace_quarantined(self, resealed: Sequence[Row]) -> None:
        """Replace items, the latest first: one kept twice under two keys makes room for the other.

        That happens beside a program of another version, or one without the former key.
        """
        for digest, content, number, source, reason in reversed(resealed):
            self._session.change("drop_kept_twice", source, digest, reason, number)
            self._session.change("reseal_quarantined", digest, content, number)


class _Resealing(NamedTuple):
    """How the rows of one table are brought under today's keys."""

    find: str
    replace: str
    today: Callable[[int], Sequence[Value]]
    """What a row is known by that is under the keys of an epoch."""
    read: Callable[[Row], RowToReseal]


def _column(epoch: int) -> Sequence[Value]:
    return (epoch,)


def _prefix(epoch: int) -> Sequence[Value]:
    return (epoch.to_bytes(EPOCH_BYTES, "big"),)


def _prefix_and_digest(epoch: int) -> Sequence[Value]:
    return (*_prefix(epoch), f"{epoch}:%")


_TABLES: Final[Mapping[SealedTable, _Resealing]] = MappingProxyType(
    {
        SealedTable.CASES: _Resealing(
            "cases_to_reseal", "reseal_case", today=_prefix, read=case_to_reseal
        ),
        SealedTable.CONTENTS: _Resealing(
            "contents_to_reseal", "reseal_content", today=_column, read=ContentToReseal._make
        ),
        SealedTable.OUTBOX: _Resealing(
            "bodies_to_reseal", "reseal_body", today=_prefix, read=BodyToReseal._make
        ),
        SealedTable.QUARANTINE: _Resealing(
            "quarantined_to_reseal",
            "reseal_quarantined",
            today=_prefix_and_digest,
            read=ItemToReseal._make,
        ),
        SealedTable.INBOX: _Resealing(
            "entries_to_reseal", "reseal_entry", today=_prefix, read=EntryToReseal._make
        ),
        SealedTable.LEDGER_HISTORY: _Resealing(
            "ledger_entries_to_reseal",
            "reseal_ledger_entry",
            today=_prefix,
            read=LedgerEntryToReseal._make,
        ),
        SealedTable.ENTRY_TEXTS: _Resealing(
            "entry_texts_to_reseal",
            "reseal_entry_text",
            today=_prefix,
            read=EntryTextToReseal._make,
        ),
        SealedTable.DIRECTORY_VERSIONS: _Resealing(
            "directory_versions_to_reseal",
            "reseal_directory_version",
            today=_prefix,
            read=DirectoryToReseal._make,
        ),
        SealedTable.DISCLOSURES: _Resealing(
            "disclosures_to_reseal",
            "reseal_disclosure",
            today=_prefix,
            read=DisclosureToReseal._make,
        ),
        SealedTable.TABLE_DECISIONS: _Resealing(
            "table_decisions_to_reseal",
            "reseal_table_decision",
            today=_prefix,
            read=DecisionToReseal._make,
        ),
    }
)
