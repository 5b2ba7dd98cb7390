"""已收: the table `inbox`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

import orjson

from gateway.adapters.ledger.row_shapes import DAMAGED, RowShape
from gateway.adapters.ledger.timestamps import micros
from gateway.adapters.ledger.unreadable import UnreadableRows, text_of
from gateway.ports.inbox import IdempotencyKey, InboxEntry
from storage.session import Row, Session, StaleWrite


class InboxRow(NamedTuple):
    """A row of `inbox` as it is read."""

    source: str
    key: str
    kind: str
    revision: int
    digest: str
    receipt: bytes


_SHAPE: Final = RowShape(InboxRow)


class SqlInbox:
    """`Inbox` inside one transaction of `session`."""

    __slots__ = ("_session", "_unreadable_rows")

    def __init__(self, session: Session, unreadable_rows: UnreadableRows) -> None:
        self._session, self._unreadable_rows = session, unreadable_rows

    def record(
        self, seen: Mapping[IdempotencyKey, InboxEntry], at: datetime
    ) -> dict[IdempotencyKey, InboxEntry]:
        """Store what was seen for the first time; return what was there already, as it was."""
        if len(seen) == 1:
            return self._record_one(seen, at)
        earlier = self.find(list(seen))
        rows = _new_rows({key: seen[key] for key in seen if key not in earlier}, at)
        if rows and self._session.change_each("record_inbox_entry", sorted(rows)) != len(rows):
            raise StaleWrite  # another process recorded one of them since we looked
        return earlier

    def find(self, keys: Sequence[IdempotencyKey]) -> dict[IdempotencyKey, InboxEntry]:
        """Return those of `keys` that were seen before; a damaged entry has no receipt."""
        if not keys:
            return {}
        asked = [(key.source, key.key, key.kind, key.revision) for key in keys]
        rows = (
            self._session.rows("inbox_entry", *asked[0])
            if len(asked) == 1
            else self._session.rows_matching("inbox_entries", asked)
        )
        return dict(map(self._entry, rows))

    def _entry(self, row: Row) -> tuple[IdempotencyKey, InboxEntry]:
        key = IdempotencyKey(*row[:4])
        try:
            return key, _as_entry(row)
        except DAMAGED as damage:
            place = "/".join(map(text_of, row[:4]))
            self._unreadable_rows.note("inbox", place, damage, row)
            return key, InboxEntry("", b"")

    def _record_one(
        self, seen: Mapping[IdempotencyKey, InboxEntry], at: datetime
    ) -> dict[IdempotencyKey, InboxEntry]:
        if self._session.change("record_inbox_entry", *_new_rows(seen, at)[0]):
            return {}
        return self.find(list(seen))


def _as_entry(values: Row) -> InboxEntry:
    """Return the entry of a row; a receipt that is no JSON would spoil the answer it goes into."""
    row = _SHAPE.row(values)
    orjson.loads(row.receipt)
    return InboxEntry(row.digest, row.receipt)


def _new_rows(seen: Mapping[IdempotencyKey, InboxEntry], at: datetime) -> list[Row]:
    stamp = micros(at)
    return [
        (key.source, key.key, key.kind, key.revision, entry.digest, entry.receipt, stamp)
        for key, entry in seen.items()
    ]
