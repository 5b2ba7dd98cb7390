"""加密行: bringing rows under today's keys, and the table `key_uses`."""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Final, NamedTuple

from gateway.adapters.ledger.inbox import read_entry
from gateway.adapters.ledger.quarantine import stored_digest
from gateway.adapters.ledger.row_shapes import DAMAGED
from gateway.adapters.ledger.seals import (
    check_case,
    open_body,
    open_content,
    open_quarantined,
    open_subject,
    reseal_body,
    seal_case,
    seal_content,
    seal_entry,
    seal_quarantined,
    seal_subject,
)
from gateway.adapters.ledger.timestamps import micros
from gateway.ports.inbox import IdempotencyKey
from gateway.ports.quarantine import LEDGER
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
        rows = self._session.rows("reserve_key_uses", epoch, uses, MAX_USES)
        return int(rows[0][0]) if rows else None

    def retire(self, epochs: Collection[int], at: datetime) -> None:
        """Note that nothing needs the keys of these epochs any more."""
        for epoch in sorted(epochs):
            self._session.change("retire_key", micros(at), epoch)

    def reseal(self, table: SealedTable, *, after: RowMark, limit: int) -> RowMark | None:
        """Bring some rows under today's keys; return the highest primary key looked at."""
        how = _TABLES[table]
        rows = self._session.rows(how.find, *after, *how.today(self._sealer.epoch), limit)
        resealed = [row for row in (self._resealed(how, row) for row in rows) if row is not None]
        if table is SealedTable.QUARANTINE:
            self._replace_quarantined(resealed)
        else:
            self._session.change_each(how.replace, resealed)
        return rows[-1][: len(after)] if rows else None

    def _resealed(self, how: "_Resealing", row: Row) -> Row | None:
        try:
            return how.reseal(self._sealer, row)
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
    reseal: Callable[[Sealer, Row], Row]


def _column(epoch: int) -> Sequence[Value]:
    return (epoch,)


def _prefix(epoch: int) -> Sequence[Value]:
    return (epoch.to_bytes(EPOCH_BYTES, "big"),)


def _prefix_and_digest(epoch: int) -> Sequence[Value]:
    return (*_prefix(epoch), f"{epoch}:%")


def _case(sealer: Sealer, row: Row) -> Row:
    *columns, seal = row
    check_case(sealer, columns, seal)  # a row that was altered keeps the seal that shows it
    return seal_case(sealer, columns), columns[0]


def _content(sealer: Sealer, row: Row) -> Row:
    number, key, subject, content = row
    person = None if subject is None else open_subject(sealer, key, subject)
    return (
        sealer.epoch,
        None if person is None else sealer.hashes.index(person),
        None if person is None else seal_subject(sealer, key, person),
        seal_content(sealer, key, open_content(sealer, key, content)),
        number,
    )


def _body(sealer: Sealer, row: Row) -> Row:
    number, kind, peer, message_no, body = row
    plain = open_body(sealer, kind=kind, peer=peer, number=message_no, sealed=body)
    return reseal_body(sealer, kind=kind, peer=peer, number=message_no, body=plain), number


def _quarantined(sealer: Sealer, row: Row) -> Row:
    number, source, digest, reason, sealed = row
    content = open_quarantined(sealer, (source, digest, reason), sealed)
    plain = digest if source == LEDGER else hashlib.sha256(content).hexdigest()
    again = stored_digest(sealer, source, plain)
    return again, seal_quarantined(sealer, (source, again, reason), content), number, source, reason


def _entry(sealer: Sealer, row: Row) -> Row:
    source, key, kind, revision, *_ = row
    identity = IdempotencyKey(source, key, kind, revision)
    entry = read_entry(sealer, identity, row)
    return "", seal_entry(sealer, identity, entry), source, key, kind, revision


_TABLES: Final[Mapping[SealedTable, _Resealing]] = MappingProxyType(
    {
        SealedTable.CASES: _Resealing(
            "cases_to_reseal", "reseal_case", today=_prefix, reseal=_case
        ),
        SealedTable.CONTENTS: _Resealing(
            "contents_to_reseal", "reseal_content", today=_column, reseal=_content
        ),
        SealedTable.OUTBOX: _Resealing(
            "bodies_to_reseal", "reseal_body", today=_prefix, reseal=_body
        ),
        SealedTable.QUARANTINE: _Resealing(
            "quarantined_to_reseal",
            "reseal_quarantined",
            today=_prefix_and_digest,
            reseal=_quarantined,
        ),
        SealedTable.INBOX: _Resealing(
            "entries_to_reseal", "reseal_entry", today=_prefix, reseal=_entry
        ),
    }
)
