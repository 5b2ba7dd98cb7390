"""Rows and what they stand for: instants as whole microseconds (UTC), dates as ISO text."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Final

from gateway.domain.case import Case, HistoryEntry, State, Step
from gateway.ports.messages import MessageKind, Owed, SetAside
from gateway.ports.views import SetAsideRow
from storage.session import Row, Value

DATE_UNKNOWN: Final = "~"
"""Stands for a due date that is not known: it sorts after every date, in either store."""
CASE_COLUMNS: Final = 19
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECONDS_A_SECOND: Final = 1_000_000
_STATES: Final = {state.value: state for state in State}
_KINDS: Final = {kind.value: kind for kind in MessageKind}


def micros(at: datetime) -> int:
    """Return an aware instant as microseconds since 1970-01-01T00:00:00Z."""
    since = at - _EPOCH
    return (since.days * 86_400 + since.seconds) * _MICROSECONDS_A_SECOND + since.microseconds


def instant(stored: int) -> datetime:
    """Return the instant that `micros` stored, in UTC."""
    return _EPOCH + timedelta(microseconds=stored)


def day(stored: date | None) -> str:
    """Return a due date as it is stored."""
    return DATE_UNKNOWN if stored is None else stored.isoformat()


def case_row(case: Case) -> Row:
    """Return a case in the order of the columns of `cases`, its key first."""
    return (
        case.key,
        case.state.value,
        case.version,
        case.revision,
        case.place_basis,
        case.place_division,
        case.agency,
        case.dispatch_no,
        case.dispatches,
        case.policy,
        micros(case.submitted_at),
        micros(case.accepted_at),
        micros(case.changed_at),
        day(case.due_on),
        case.due_rule,
        case.hold_reason,
        json.dumps(case.findings, ensure_ascii=False) if case.findings else "[]",
        case.trace_id,
        case.chain,
    )


def as_case(row: Row) -> Case:
    """Return the case whose columns a row starts with."""
    return Case(
        row[0],
        _STATES[row[1]],
        row[2],
        row[3],
        row[4],
        row[5],
        row[6],
        row[7],
        row[8],
        row[9],
        instant(row[10]),
        instant(row[11]),
        instant(row[12]),
        None if row[13] == DATE_UNKNOWN else date.fromisoformat(row[13]),
        row[14],
        row[15],
        () if row[16] == "[]" else tuple(json.loads(row[16])),
        row[17],
        row[18],
    )


def entry_row(entry: HistoryEntry) -> Row:
    """Return an entry in the order of the columns of `case_history`."""
    return (
        entry.key,
        entry.seq,
        micros(entry.at),
        entry.step.value,
        entry.state.value,
        entry.actor,
        entry.note,
        entry.chain,
    )


def as_entry(row: Row) -> HistoryEntry:
    """Return the history entry of a row."""
    key, seq, at, step, state, actor, note, chain = row
    return HistoryEntry(key, seq, instant(at), Step(step), _STATES[state], actor, note, chain)


def as_owed(row: Row, *, body: bytes, content: bytes | None) -> Owed:
    """Return an owed message from its first eight columns and its last, the trace id."""
    number_id, epoch, kind, peer, key, number, revision, attempts = row[:8]
    return Owed(
        id=number_id,
        epoch=epoch,
        kind=_KINDS[kind],
        peer=peer,
        key=key,
        number=number,
        revision=revision,
        attempts=attempts,
        body=body,
        content=content,
        trace_id=row[-1] or "",
    )


def as_set_aside(row: Row) -> SetAsideRow:
    """Return one thing set aside, without its content."""
    row_id, source, key, reason, detail, at = row
    return SetAsideRow(row_id, source, key, reason, detail, instant(at))


def printable(text: str | None) -> str | None:
    """Return text from a malformed message in a form that either database can hold."""
    if text is None:
        return None
    return text.encode("utf-8", "backslashreplace").decode("utf-8").replace("\x00", "\\x00")


def set_aside_row(item: SetAside, sealed: bytes) -> tuple[Value, ...]:
    """Return a thing set aside in the order of the columns of `set_aside`."""
    key = printable(item.key)
    return (item.source, key, item.reason, item.detail, item.digest, sealed, micros(item.at))
