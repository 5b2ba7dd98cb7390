"""台账 over named statements: what one transaction can do, the same on both stores."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from gateway.adapters.keys import SealBroken, Sealer
from gateway.adapters.storage.rows import (
    as_case,
    as_owed,
    case_row,
    entry_row,
    instant,
    micros,
    set_aside_row,
)
from gateway.adapters.storage.seals import (
    content_row,
    open_body,
    open_content,
    sealed_aside,
    sealed_body,
)
from gateway.adapters.storage.session import Raced, Row, Session
from gateway.domain.case import Case, Change, Step
from gateway.errors import MessageReplayed, StaleCase
from gateway.ports.messages import (
    InboxKey,
    Message,
    MessageKind,
    Nonce,
    Opening,
    Owed,
    Remembered,
    SetAside,
)
from schemas.reference.clock import Now

SWEPT_AT_ONCE: Final = 500
NONCES_KEPT_FOR: Final = timedelta(minutes=10)
"""How long a nonce outlives its use, so that a clock set back does not make it new again."""


_BRIEF: Final = frozenset({Step.DELIVER, Step.DECIDE, Step.REPORT, Step.WITHDRAW})
"""Steps that change no more of a case than the statement save_step writes."""


class SqlLedger:
    """`Ledger` inside one transaction of `session`; used for one piece of work only."""

    __slots__ = ("_now", "_sealer", "_session", "peers")

    def __init__(self, session: Session, sealer: Sealer, now: Now) -> None:
        self._session, self._sealer, self._now = session, sealer, now
        self.peers: set[str] = set()

    def spend(self, nonce: Nonce) -> None:
        """Use up a nonce; raise `MessageReplayed` when it was used before."""
        added = self._session.change("spend", nonce.key_id, nonce.value, micros(nonce.until))
        if not added:
            raise MessageReplayed(nonce.key_id)

    def remember(
        self, seen: Mapping[InboxKey, Remembered], at: datetime
    ) -> dict[InboxKey, Remembered]:
        """Store what was seen for the first time; return what was there already, as it was."""
        if len(seen) == 1:
            return self._remember_one(seen, at)
        earlier = self.remembered(list(seen))
        rows = _inbox_rows({key: seen[key] for key in seen if key not in earlier}, at)
        if rows and self._session.change_each("remember", sorted(rows)) != len(rows):
            raise Raced  # another process took one of them over since we looked
        return earlier

    def remembered(self, keys: Sequence[InboxKey]) -> dict[InboxKey, Remembered]:
        """Return those of `keys` that were seen before."""
        if not keys:
            return {}
        asked = [(key.source, key.key, key.kind, key.revision) for key in keys]
        rows = (
            self._session.rows("seen", *asked[0])
            if len(asked) == 1
            else self._session.rows_matching("seen_among", asked)
        )
        return {InboxKey(*row[:4]): Remembered(row[4], row[5]) for row in rows}

    def cases(self, keys: Sequence[str]) -> dict[str, Case]:
        """Return the cases there are among `keys`, locked against other writers."""
        if len(keys) == 1:
            rows = self._session.rows("case_for_change", keys[0])
        else:
            rows = self._session.rows_among("cases_for_change", keys) if keys else []
        return {row[0]: as_case(row) for row in rows}

    def open(self, openings: Sequence[Opening]) -> None:
        """Open cases; raise `StaleCase` where there is one under the key already."""
        changes = [opening.change for opening in openings]
        rows = [case_row(change.case) for change in changes]
        if self._session.change_each("open_case", rows) != len(rows):
            raise self._stale(changes)
        contents = (content_row(self._sealer, opening) for opening in openings)
        self._session.change_each("keep_content", [(row[-1], *row[:-1]) for row in contents])
        self._session.change_each("note_history", [entry_row(change.entry) for change in changes])

    def refill(self, opening: Opening) -> None:
        """Save a change to a case held as unreadable together with its now readable content."""
        self.save((opening.change,))
        self._session.change("replace_content", *content_row(self._sealer, opening))

    def save(self, changes: Sequence[Change]) -> None:
        """Store changed cases with their history; raise `StaleCase` where a version moved on."""
        for wave in _waves(changes):
            if self._save_wave(wave) != len(wave):
                raise self._stale(wave)
        self._session.change_each("note_history", [entry_row(change.entry) for change in changes])

    def _save_wave(self, wave: Sequence[Change]) -> int:
        if self._session.saves_briefly and all(one.entry.step in _BRIEF for one in wave):
            return self._session.change_each("save_step", [_step_row(one.case) for one in wave])
        return self._session.change_each("save_case", [_saved_row(one.case) for one in wave])

    def enqueue(self, messages: Sequence[Message]) -> None:
        """Owe messages; one already owed under the same kind, peer and number stays as it is."""
        rows = [_outbox_row(message, self._sealer) for message in messages]
        self._session.change_each("enqueue", rows)
        self.peers.update(message.peer for message in messages)

    def claim(self, peer: str, *, limit: int, now: datetime, until: datetime) -> list[Owed]:
        """Lease the messages due to `peer`, oldest first, one a case, for this claimer alone.

        `attempts` counts this one.
        """
        at = micros(now)
        ids = [row[0] for row in self._session.rows("claim", peer, at, at, limit, micros(until))]
        return self._opened(self._session.rows_among("claimed", ids)) if ids else []

    def next_due(self, peer: str) -> datetime | None:
        """Return when the next open message to `peer` can be claimed, or None."""
        rows = self._session.rows("next_due", peer)
        return instant(max(rows[0])) if rows else None

    def awaiting(self, agency: str, *, limit: int) -> list[Owed]:
        """Return the oldest unsettled dispatches of an agency that fetches; nothing is leased."""
        return self._opened(self._session.rows("awaiting", agency, limit))

    def owed(self, peer: str, numbers: Sequence[str]) -> dict[str, Owed]:
        """Return the unsettled messages to `peer` with these numbers (without body)."""
        rows = self._session.rows_among("owed", numbers, peer) if numbers else []
        return {row[5]: as_owed(row, body=b"", content=None) for row in rows}

    def settle(self, messages: Sequence[Owed], at: datetime) -> set[int]:
        """Mark as received by the peer; return the ids that were still this claimer's."""
        mine = self._session.rows_matching("settle", _fenced(messages), micros(at))
        return {row[0] for row in mine}

    def postpone(self, messages: Sequence[Owed], until: datetime, error: str) -> None:
        """Hand claimed messages back, to go again at `until`; `error` is a code."""
        self._session.rows_matching("postpone", _fenced(messages), micros(until), error)

    def park(self, messages: Sequence[Owed], at: datetime, error: str) -> set[int]:
        """Take messages out of sending after a refusal, for a person; return as `settle`."""
        mine = self._session.rows_matching("park", _fenced(messages), micros(at), error)
        return {row[0] for row in mine}

    def cancel(self, key: str, kind: MessageKind, at: datetime) -> None:
        """Stop owing a case's messages of this kind, parked ones too (改派, 撤回)."""
        self._session.change("cancel", micros(at), key, kind.value)

    def set_aside(self, items: Sequence[SetAside]) -> None:
        """Keep what cannot be taken over; a repeat changes nothing."""
        rows = [set_aside_row(item, sealed_aside(self._sealer, item)) for item in items]
        self._session.change_each("set_aside", rows)

    def sweep(self, now: datetime) -> None:
        """Forget some nonces that have been useless for a while; a small bite at a time."""
        self._session.change("sweep_nonces", micros(now - NONCES_KEPT_FOR), SWEPT_AT_ONCE)

    def beat(self) -> None:
        """Write for the sake of writing: what readiness asks for."""
        self._session.change("beat")

    def _remember_one(
        self, seen: Mapping[InboxKey, Remembered], at: datetime
    ) -> dict[InboxKey, Remembered]:
        if self._session.change("remember", *_inbox_rows(seen, at)[0]):
            return {}
        return self.remembered(list(seen))

    def _stale(self, changes: Sequence[Change]) -> StaleCase:
        """Name the first case that is not as it was read."""
        stored = self.cases([change.case.key for change in changes])
        for change in changes:
            if stored.get(change.case.key) != change.case:
                return StaleCase(change.case.key, change.case.version - 1)
        return StaleCase(changes[0].case.key, changes[0].case.version - 1)

    def _opened(self, rows: Sequence[Row]) -> list[Owed]:
        """Return the messages of `rows`; one whose seal is broken is parked and does not block."""
        opened: list[Owed] = []
        for row in rows:
            try:
                opened.append(self._unsealed(row))
            except SealBroken as broken:
                at = micros(self._now())
                self._session.rows_matching("park", [(row[0], row[1])], at, broken.code)
        return opened

    def _unsealed(self, row: Row) -> Owed:
        kind, peer, key, number, body, content = row[2], row[3], row[4], row[5], row[8], row[9]
        plain = open_body(self._sealer, kind=kind, peer=peer, number=number, sealed=body)
        received = None if content is None else open_content(self._sealer, key, content)
        return as_owed(row, body=plain, content=received)


def _inbox_rows(seen: Mapping[InboxKey, Remembered], at: datetime) -> list[Row]:
    stamp = micros(at)
    return [
        (key.source, key.key, key.kind, key.revision, kept.digest, kept.receipt, stamp)
        for key, kept in seen.items()
    ]


def _saved_row(case: Case) -> Row:
    key, *columns = case_row(case)
    return (*columns, key, case.version - 1)


def _step_row(case: Case) -> Row:
    return (
        case.state.value,
        case.version,
        case.revision,
        micros(case.changed_at),
        case.hold_reason,
        case.chain,
        case.key,
        case.version - 1,
    )


def _outbox_row(message: Message, sealer: Sealer) -> Row:
    due = micros(message.due_at)
    return (
        message.kind.value,
        message.peer,
        message.key,
        message.number,
        message.revision,
        sealed_body(sealer, message),
        due,
        due,
    )


def _fenced(messages: Sequence[Owed]) -> list[Row]:
    return [(message.id, message.epoch) for message in messages]


def _waves(changes: Sequence[Change]) -> Iterator[Sequence[Change]]:
    """Split so that no case stands twice in one statement; nearly always a single wave."""
    if len({change.case.key for change in changes}) == len(changes):
        if changes:
            yield changes
        return
    first: dict[str, Change] = {}
    later = [c for c in changes if first.setdefault(c.case.key, c) is not c]
    yield list(first.values())
    yield from _waves(later)
