"""加密行: re-sealing under today's data key, and the table `key_uses`."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple, Protocol

from gateway.adapters.ledger.case_rows import CaseRow
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


class _SealedRow(Protocol):
    """A row with sealed columns, read to be sealed again."""

    @property
    def mark(self) -> RowMark:
        """Its primary key."""
        ...

    def resealed(self, sealer: Sealer) -> Row:
        """Return the values of the statement that replaces its seals; raise `SealBroken`."""
        ...


class _SealedCase(NamedTuple):
    """A row of `cases` as it stands, and its seal."""

    row: CaseRow
    seal: bytes

    @property
    def mark(self) -> RowMark:
        return self.row.key

    def resealed(self, sealer: Sealer) -> Row:
        check_case(sealer, self.row, self.seal)  # an altered row keeps the seal that shows it
        return seal_case(sealer, self.row), self.row.key


class _SealedContent(NamedTuple):
    """A row of `contents`."""

    id: int
    key: str
    subject: bytes | None
    content: bytes

    @property
    def mark(self) -> RowMark:
        return self.id

    def resealed(self, sealer: Sealer) -> Row:
        subject = None
        if self.subject is not None:
            subject = seal_subject(sealer, self.key, open_subject(sealer, self.key, self.subject))
        content = seal_content(sealer, self.key, open_content(sealer, self.key, self.content))
        return sealer.epoch, subject, content, self.id


class _SealedBody(NamedTuple):
    """A row of `outbox`: its place and its body."""

    id: int
    kind: str
    peer: str
    number: str
    body: bytes

    @property
    def mark(self) -> RowMark:
        return self.id

    def resealed(self, sealer: Sealer) -> Row:
        kind, peer, number = self.kind, self.peer, self.number
        plain = open_body(sealer, kind=kind, peer=peer, number=number, sealed=self.body)
        return reseal_body(sealer, kind=kind, peer=peer, number=number, body=plain), self.id


class _SealedItem(NamedTuple):
    """A row of `quarantine`: its place and its content."""

    id: int
    source: str
    digest: str
    reason: str
    content: bytes

    @property
    def mark(self) -> RowMark:
        return self.id

    def resealed(self, sealer: Sealer) -> Row:
        place = (self.source, self.digest, self.reason)
        plain = open_quarantined(sealer, place, self.content)
        return reseal_quarantined(sealer, place, plain), self.id


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

    def reseal(self, table: SealedTable, *, after: RowMark, limit: int) -> RowMark | None:
        """Seal some rows under today's key; return the highest primary key looked at."""
        how = _TABLES[table]
        today: int | bytes = self._sealer.epoch
        if how.by_prefix:
            today = self._sealer.epoch.to_bytes(EPOCH_BYTES, "big")
        rows = [how.read(row) for row in self._session.rows(how.find, after, today, limit)]
        resealed = [values for row in rows if (values := self._resealed(row)) is not None]
        self._session.change_each(how.replace, resealed)
        return rows[-1].mark if rows else None

    def _resealed(self, row: _SealedRow) -> Row | None:
        try:
            return row.resealed(self._sealer)
        except SealBroken:  # whoever reads the row reports it; it keeps its key in use
            return None


def _sealed_case(row: Row) -> _SealedCase:
    *columns, seal = row
    return _SealedCase(CaseRow._make(columns), seal)


class _Resealing(NamedTuple):
    """How the rows of one table are sealed again."""

    find: str
    replace: str
    by_prefix: bool  # whether the epoch is told by the sealed bytes, not by a column
    read: Callable[[Row], _SealedRow]


_TABLES: Final[Mapping[SealedTable, _Resealing]] = MappingProxyType(
    {
        SealedTable.CASES: _Resealing(
            "cases_to_reseal", "reseal_case", by_prefix=True, read=_sealed_case
        ),
        SealedTable.CONTENTS: _Resealing(
            "contents_to_reseal", "reseal_content", by_prefix=False, read=_SealedContent._make
        ),
        SealedTable.OUTBOX: _Resealing(
            "bodies_to_reseal", "reseal_body", by_prefix=True, read=_SealedBody._make
        ),
        SealedTable.QUARANTINE: _Resealing(
            "quarantined_to_reseal", "reseal_quarantined", by_prefix=True, read=_SealedItem._make
        ),
    }
)
