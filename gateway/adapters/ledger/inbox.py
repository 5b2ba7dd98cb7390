"""已收: the table `inbox`.

What is remembered of a message is sealed: a digest of what a person applied for, in clear, would
confirm a guess of it. It is found by the message's identity, never by the digest.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

import orjson

from gateway.adapters.ledger.row_shapes import DAMAGED, RowShape
from gateway.adapters.ledger.seals import open_entry, seal_entry
from gateway.adapters.ledger.timestamps import micros
from gateway.adapters.ledger.unreadable import RowDamage, UnreadableRows, text_of
from gateway.ports.inbox import IdempotencyKey, InboxEntry
from storage.errors import SealBroken
from storage.sealing import Sealer
from storage.session import Row, Session, StaleWrite


class InboxRow(NamedTuple):
    """A row of `inbox` as it is read.

    `receipt` is sealed together with the digest, and `digest` empty; rows of programs before hold
    both in clear.
    """

    source: str
    key: str
    kind: str
    revision: int
    digest: str
    receipt: bytes


_SHAPE: Final = RowShape(InboxRow)


class SqlInbox:
    """`Inbox` inside one transaction of `session`."""

    __slots__ = ("_sealer", "_session", "_unreadable_rows")

    def __init__(self, session: Session, sealer: Sealer, unreadable_rows: UnreadableRows) -> None:
        self._session, self._sealer = session, sealer
        self._unreadable_rows = unreadable_rows

    def record(
        self, seen: Mapping[IdempotencyKey, InboxEntry], at: datetime
    ) -> dict[IdempotencyKey, InboxEntry]:
        """Store what was seen for the first time; return what was there already, as it was."""
        if len(seen) == 1:
            return self._record_one(seen, at)
        earlier = self.find(list(seen))
        rows = self._new_rows({key: seen[key] for key in seen if key not in earlier}, at)
        if rows and self._session.change_each("record_inbox_entry", sorted(rows)) != len(rows):
            raise StaleWrite  # another process recorded one of them since we looked
        return earlier

    def find(self, keys: Sequence[IdempotencyKey]) -> dict[IdempotencyKey, InboxEntry]:
        """Return those of `keys` that were seen before; an unreadable entry has no receipt."""
        if not keys:
            return {}
        rows = (
            self._session.rows("inbox_entry", *keys[0])
            if len(keys) == 1
            else self._session.rows_matching("inbox_entries", list(map(tuple, keys)))
        )
        found: dict[IdempotencyKey, InboxEntry] = {}
        damages: list[RowDamage] = []
        for row in map(InboxRow._make, rows):
            key = IdempotencyKey(row.source, row.key, row.kind, row.revision)
            try:
                found[key] = read_entry(self._sealer, key, row)
            except (*DAMAGED, SealBroken) as damage:
                place = "/".join(map(text_of, key))
                damages.append(RowDamage(place, damage, row))
                found[key] = InboxEntry("", b"")
        self._unreadable_rows.note_page("inbox", damages)
        return found

    def _record_one(
        self, seen: Mapping[IdempotencyKey, InboxEntry], at: datetime
    ) -> dict[IdempotencyKey, InboxEntry]:
        if self._session.change("record_inbox_entry", *self._new_rows(seen, at)[0]):
            return {}
        return self.find(list(seen))

    def _new_rows(self, seen: Mapping[IdempotencyKey, InboxEntry], at: datetime) -> list[Row]:
        stamp = micros(at)
        return [
            (*key, "", seal_entry(self._sealer, key, entry), stamp) for key, entry in seen.items()
        ]


def read_entry(sealer: Sealer, key: IdempotencyKey, values: Row) -> InboxEntry:
    """Return the entry of a row; a receipt that is no JSON would spoil the answer it goes into.

    Raises:
        DAMAGED: The row is damaged.
        SealBroken: It was altered or moved, or its key is not loaded.
    """
    row = _SHAPE.row(values)
    in_clear = InboxEntry(row.digest, row.receipt)
    entry = in_clear if row.digest else open_entry(sealer, key, row.receipt)
    orjson.loads(entry.receipt)
    return entry
