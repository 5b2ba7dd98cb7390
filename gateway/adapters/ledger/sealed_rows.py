"""加密行: re-sealing under today's data key, and the table `key_uses`."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from gateway.adapters.ledger.seals import (
    check_case,
    open_body,
    open_content,
    open_quarantined,
    open_subject,
    reseal_body,
    reseal_quarantined,
    seal_case,
    seal_content,
    seal_subject,
)
from gateway.ports.sealed_rows import RowMark, SealedTable
from storage.errors import SealBroken
from storage.key_uses import MAX_USES
from storage.sealing import EPOCH_BYTES, Sealer
from storage.session import Row, Session


class SqlSealedRows:
    """`SealedRows` inside one transaction of `session`."""

    __slots__ = ("_sealer", "_session")

    def __init__(self, session: Session, sealer: Sealer) -> None:
        self._session, self._sealer = session, sealer

    def reserve(self, epoch: int, uses: int) -> int | None:
        """Reserve uses of a data key; return how many are reserved in all, None at the bound."""
        rows = self._session.rows("reserve_key_uses", epoch, uses, MAX_USES)
        return int(rows[0][0]) if rows else None

    def reseal(self, table: SealedTable, *, after: RowMark, limit: int) -> RowMark | None:
        """Seal some rows under today's key; return the highest primary key looked at."""
        how = _TABLES[table]
        today: int | bytes = self._sealer.epoch
        if how.by_prefix:
            today = self._sealer.epoch.to_bytes(EPOCH_BYTES, "big")
        rows = self._session.rows(how.find, after, today, limit)
        resealed = [row for row in (self._resealed(how, row) for row in rows) if row is not None]
        self._session.change_each(how.replace, resealed)
        last: RowMark | None = rows[-1][0] if rows else None
        return last

    def _resealed(self, how: "_Resealing", row: Row) -> Row | None:
        try:
            return how.reseal(self._sealer, row)
        except SealBroken:  # whoever reads the row reports it; it keeps its key in use
            return None


class _Resealing(NamedTuple):
    """How the rows of one table are sealed again."""

    find: str
    replace: str
    by_prefix: bool  # whether the epoch is told by the sealed bytes, not by a column
    reseal: Callable[[Sealer, Row], Row]


def _case(sealer: Sealer, row: Row) -> Row:
    *columns, seal = row
    check_case(sealer, columns, seal)  # a row that was altered keeps the seal that shows it
    return seal_case(sealer, columns), columns[0]


def _content(sealer: Sealer, row: Row) -> Row:
    number, key, subject, content = row
    again = (
        None if subject is None else seal_subject(sealer, key, open_subject(sealer, key, subject))
    )
    return (
        sealer.epoch,
        again,
        seal_content(sealer, key, open_content(sealer, key, content)),
        number,
    )


def _body(sealer: Sealer, row: Row) -> Row:
    number, kind, peer, message_no, body = row
    plain = open_body(sealer, kind=kind, peer=peer, number=message_no, sealed=body)
    return reseal_body(sealer, kind=kind, peer=peer, number=message_no, body=plain), number


def _quarantined(sealer: Sealer, row: Row) -> Row:
    number, source, digest, reason, content = row
    place = (source, digest, reason)
    return reseal_quarantined(sealer, place, open_quarantined(sealer, place, content)), number


_TABLES: Final[Mapping[SealedTable, _Resealing]] = MappingProxyType(
    {
        SealedTable.CASES: _Resealing(
            "cases_to_reseal", "reseal_case", by_prefix=True, reseal=_case
        ),
        SealedTable.CONTENTS: _Resealing(
            "contents_to_reseal", "reseal_content", by_prefix=False, reseal=_content
        ),
        SealedTable.OUTBOX: _Resealing(
            "bodies_to_reseal", "reseal_body", by_prefix=True, reseal=_body
        ),
        SealedTable.QUARANTINE: _Resealing(
            "quarantined_to_reseal", "reseal_quarantined", by_prefix=True, reseal=_quarantined
        ),
    }
)
