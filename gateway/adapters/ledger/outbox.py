"""待发: the table `outbox`."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Final

from gateway.adapters.ledger.lease_time import LeaseTime
from gateway.adapters.ledger.outbox_rows import (
    MESSAGE,
    MessageRow,
    ParkedRow,
    as_message,
    as_parked,
)
from gateway.adapters.ledger.row_shapes import DAMAGED
from gateway.adapters.ledger.seals import open_body, open_content, seal_body
from gateway.adapters.ledger.timestamps import micros
from gateway.adapters.ledger.unreadable import RowDamage, UnreadableRows, code_of, text_of
from gateway.domain.outbox_rules import REFUSED_AFTER_SILENCE, MessageKind
from gateway.domain.retry_policy import LEASE, LONGEST_WAIT
from gateway.ports import PORTAL
from gateway.ports.outbox import (
    ClaimedMessage,
    OutboxMessage,
    ParkedMessage,
    SentMessage,
    SentRecord,
)
from gateway.ports.unreadable import UnreadableCode
from schemas.reference.clock import Now
from storage.errors import SealBroken
from storage.sealing import Sealer
from storage.session import Row, Session

_LONGEST_PAUSE: Final = LONGEST_WAIT + LEASE


class SqlOutbox:
    """`Outbox` inside one transaction of `session`."""

    __slots__ = ("_now", "_sealer", "_session", "_time", "_unreadable_rows", "peers")

    def __init__(
        self,
        session: Session,
        sealer: Sealer,
        now: Now,
        time: LeaseTime,
        unreadable_rows: UnreadableRows,
    ) -> None:
        self._session, self._sealer, self._now, self._time = session, sealer, now, time
        self._unreadable_rows = unreadable_rows
        self.peers: set[str] = set()
        """Who got messages in this transaction."""

    def enqueue(self, messages: Sequence[OutboxMessage]) -> None:
        """Add messages; one already there under the same kind, peer and number stays as it is."""
        rows = [
            (*_new_row(message, self._sealer), self._time.stored(message.due_at))
            for message in messages
        ]
        self._session.change_each("enqueue", rows)
        self.peers.update(message.peer for message in messages)

    def claim(
        self, peer: str, *, limit: int, now: datetime, until: datetime
    ) -> list[ClaimedMessage]:
        """Lease the messages due to `peer`, oldest first, one a case, for this claimer alone.

        `attempts` counts this one.
        """
        at, end = self._time.stored(now), self._time.stored(until)
        wrong = self._time.stored(until + (until - now))
        claimed = self._session.rows("claim", peer, at, at, wrong, limit, end)
        ids = [number for (number,) in claimed]
        return self._opened(self._session.rows_among("claimed", ids)) if ids else []

    def next_due(self, peer: str) -> datetime | None:
        """Return when the next open message to `peer` can be claimed, or None.

        One that is due later than any message is ever put off was dated by a clock that was wrong;
        it is due now.
        """
        now = self._now()
        at, beyond = self._time.stored(now), self._time.stored(now + _LONGEST_PAUSE)
        self._session.change("redate", at, peer, beyond)
        rows = self._session.rows("next_due", peer)
        if not rows:
            return None
        due_at, lease_until = rows[0]
        leased = at < lease_until <= self._time.stored(now + 2 * LEASE)
        return self._time.read(max(due_at, lease_until) if leased else due_at)

    def pending_dispatches(self, agency: str, *, limit: int) -> list[ClaimedMessage]:
        """Return the oldest open dispatches of an agency that fetches; nothing is leased."""
        return self._opened(self._session.rows("pending_dispatches", agency, limit))

    def open_dispatches(self, agency: str, numbers: Sequence[str]) -> dict[str, ClaimedMessage]:
        """Return the open dispatches to `agency` with these numbers, by number.

        One whose seal does not open has no body.
        """
        rows = self._session.rows_among("open_dispatches", numbers, agency) if numbers else []
        found = self._read(
            (MessageRow._make(columns), partial(self._unsealed_or_bare, body=body, content=content))
            for *columns, body, content in rows
        )
        return {message.number: message for message in found}

    def dispatches_to(self, agency: str, keys: Sequence[str]) -> set[str]:
        """Return the numbers of the dispatches of these cases to `agency`, open or ended."""
        rows = self._session.rows_among("dispatches_to", keys, agency) if keys else []
        return {str(number) for (number,) in rows}

    def newest_uploads(self, keys: Sequence[str]) -> dict[str, tuple[SentRecord, ...]]:
        """Return the newest record of each kind to the national side about some cases.

        Sent or not; one that cannot be opened has no body. A case without any is left out.
        """
        found: dict[str, tuple[SentRecord, ...]] = {}
        rows = self._session.rows_among("newest_uploads", keys, PORTAL) if keys else ()
        for key, kind, revision, number, body in rows:
            record = SentRecord(MessageKind(kind), revision, self._body(kind, number, body))
            found[key] = (*found.get(key, ()), record)
        return found

    def _body(self, kind: str, number: str, sealed: bytes) -> bytes:
        with suppress(*DAMAGED, SealBroken):
            return open_body(self._sealer, kind=kind, peer=PORTAL, number=number, sealed=sealed)
        return b""

    def settle(self, messages: Sequence[ClaimedMessage], at: datetime) -> set[int]:
        """Mark as received by the peer; return the ids that were still this claimer's."""
        mine = self._session.rows_matching("settle", _fenced(messages), micros(at))
        return {number for (number,) in mine}

    def postpone(self, messages: Sequence[ClaimedMessage], until: datetime, error: str) -> None:
        """Hand claimed messages back, to go again at `until`; `error` is a code, or a detail."""
        self._session.rows_matching("postpone", _fenced(messages), self._time.stored(until), error)

    def park(self, messages: Sequence[ClaimedMessage], at: datetime, error: str) -> set[int]:
        """Take messages out of sending after a refusal, for a person; return as `settle`."""
        mine = self._session.rows_matching("park", _fenced(messages), micros(at), error)
        return {number for (number,) in mine}

    def cancel(self, keys: Sequence[str], kind: MessageKind, at: datetime) -> None:
        """End the cases' unsettled messages of this kind, parked ones too (改派, 撤回)."""
        if keys:
            self._session.rows_among("cancel", keys, micros(at), kind.value)

    def parked(self, keys: Sequence[str], *, peer: str | None, limit: int) -> list[ParkedMessage]:
        """Return the parked messages of these cases, or with a `peer` all to it, oldest first."""
        if peer is not None:
            rows = self._session.rows("parked_to", peer, limit)
        else:
            rows = self._session.rows_among("parked_of", keys) if keys else []
        return self._parked(rows[:limit])

    def unpark(self, messages: Sequence[ParkedMessage], at: datetime) -> set[int]:
        """Let parked messages go again from `at` on; return the ids of those that do."""
        if not messages:
            return set()
        ids, due_at = [message.id for message in messages], self._time.stored(at)
        rows = self._session.rows_among("unpark", ids, due_at, REFUSED_AFTER_SILENCE)
        again = {number for (number,) in rows}
        self.peers.update(message.peer for message in messages if message.id in again)
        return again

    def send_again(self, sent: Sequence[SentMessage], at: datetime) -> set[SentMessage]:
        """Let messages to the national side go again from `at` on; return which do."""
        due_at = self._time.stored(at)
        again = {
            one
            for one in sent
            if self._session.rows("send_again", due_at, one.key, one.kind.value, PORTAL, one.number)
        }
        if again:
            self.peers.add(PORTAL)
        return again

    def _parked(self, rows: Sequence[Row]) -> list[ParkedMessage]:
        """Return the parked messages of `rows` that can be read."""
        messages: list[ParkedMessage] = []
        damages: list[RowDamage] = []
        for row in map(ParkedRow._make, rows):
            try:
                messages.append(as_parked(row))
            except DAMAGED as damage:
                damages.append(RowDamage(text_of(row.number), damage, row))
        self._unreadable_rows.note_page("outbox", damages)
        return messages

    def _opened(self, rows: Sequence[Row]) -> list[ClaimedMessage]:
        """Return the messages of `rows` that can be read, with their bodies."""
        return self._read(
            (MessageRow._make(columns), partial(self._unsealed, body=body, content=content))
            for *columns, body, content in rows
        )

    def _read(
        self, rows: Iterable[tuple[MessageRow, Callable[[MessageRow], ClaimedMessage]]]
    ) -> list[ClaimedMessage]:
        """Return the messages of rows; those that cannot be read are parked and block none."""
        messages: list[ClaimedMessage] = []
        damaged: list[tuple[MessageRow, Exception]] = []
        for stored, build in rows:
            try:
                messages.append(build(MESSAGE.row(stored)))
            except (*DAMAGED, SealBroken) as damage:
                damaged.append((stored, damage))
        if damaged:
            self._park_damaged(damaged)
        return messages

    def _park_damaged(self, damaged: Sequence[tuple[MessageRow, Exception]]) -> None:
        noted = [RowDamage(text_of(row.number), damage, row) for row, damage in damaged]
        self._unreadable_rows.note_page("outbox", noted)
        ids: dict[UnreadableCode, list[int]] = {}
        for row, damage in damaged:
            ids.setdefault(code_of(damage), []).append(row.id)
        for code, those in ids.items():  # not by the fence, which may be what is damaged
            self._session.rows_among("park_damaged", those, micros(self._now()), code.value)

    def _unsealed_or_bare(
        self, row: MessageRow, *, body: bytes, content: bytes | None
    ) -> ClaimedMessage:
        try:
            return self._unsealed(row, body=body, content=content)
        except (*DAMAGED, SealBroken):  # what sends it finds that out and says so
            return as_message(row, body=b"", content=None)

    def _unsealed(self, row: MessageRow, *, body: bytes, content: bytes | None) -> ClaimedMessage:
        plain = open_body(
            self._sealer, kind=row.kind, peer=row.peer, number=row.number, sealed=body
        )
        if content is not None:
            content = open_content(self._sealer, row.case_key, content)
        return as_message(row, body=plain, content=content)


def _new_row(message: OutboxMessage, sealer: Sealer) -> Row:
    return (
        message.kind.value,
        message.peer,
        message.key,
        message.number,
        message.revision,
        seal_body(sealer, message),
        micros(message.due_at),
    )


def _fenced(messages: Sequence[ClaimedMessage]) -> list[Row]:
    return [(message.id, message.fence) for message in messages]
