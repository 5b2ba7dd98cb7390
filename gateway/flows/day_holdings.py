"""本方持有: what the ledger holds under the lines of a statement, ready to be compared."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime
from types import MappingProxyType
from typing import Final

from pydantic import ValidationError

from gateway.domain.case import Case
from gateway.domain.statement import ComparedPage, Held, Standing, newest_key
from gateway.domain.statement_line import SENT_AS, UPLOADED, Line
from gateway.ports.reconciling_views import ReceivedRecord, UploadRecord
from gateway.ports.views import Views
from schemas.records.applications import ForwardedApplication
from schemas.records.base import WireModel
from schemas.records.canonical_form import bytes_digest, content_digest
from schemas.records.deregistrations import Deregistration
from schemas.records.outcomes import Outcome
from schemas.records.registrations import LocalRegistration
from schemas.records.statements import EntryKind, StatementEntry

Stated = Mapping[Line, tuple[StatementEntry, ...]]
_READ: Final[Mapping[EntryKind, Callable[[bytes], WireModel]]] = MappingProxyType(
    {
        EntryKind.OUTCOME: Outcome.read,
        EntryKind.REGISTRATION: LocalRegistration.read,
        EntryKind.DEREGISTRATION: Deregistration.read,
    }
)


def compared_page(
    views: Views, day: date, closed_at: datetime, theirs: Stated, ours: Mapping[Line, datetime]
) -> ComparedPage:
    """Return some lines of both sides with what the ledger holds under them."""
    held, newest = holdings(views, {*theirs, *ours}, theirs)
    return ComparedPage(day, closed_at, theirs, ours, held, newest)


def holdings(
    views: Views, lines: AbstractSet[Line], theirs: Stated
) -> tuple[Mapping[Line, Held], Mapping[tuple[bool, str], int]]:
    """Return what the ledger holds under lines, and the newest revisions of their keys.

    Where what is stated is not what was remembered, the content itself is looked at.
    """
    forwarded = sorted(line for line in lines if line.is_forwarded)
    sent = sorted(lines - set(forwarded))
    uploads = views.reconciling.uploads(_keys(sent))
    held = {**_received(views, forwarded, theirs), **_sent(sent, uploads)}
    return held, _newest(uploads)


def _keys(lines: Iterable[Line]) -> list[str]:
    return sorted({line.key for line in lines})


def _received(views: Views, lines: Sequence[Line], theirs: Stated) -> dict[Line, Held]:
    keys = _keys(lines)
    records, cases = views.reconciling.received(keys), views.cases(keys) if keys else {}
    held = {
        line: found
        for line in lines
        if (found := _as_held(line, records.get((line.kind.value, line.key)), cases)) is not None
    }
    doubtful = sorted(
        line.key
        for line, found in held.items()
        if line.kind is EntryKind.APPLICATION
        and any(one.digest not in found.digests for one in theirs.get(line, ()))
    )
    contents = views.contents(doubtful) if doubtful else {}
    for key, content in contents.items():
        line = Line(EntryKind.APPLICATION, key, 1)
        digests = held[line].digests | _digests(content, ForwardedApplication.read)
        held[line] = Held(held[line].standing, digests, at=held[line].at)
    return held


def _as_held(line: Line, record: ReceivedRecord | None, cases: Mapping[str, Case]) -> Held | None:
    """Return how a forwarded item is held; one that could not be read has a case and no record."""
    if line.revision != 1:
        return None  # what is forwarded has no other
    if record is None:
        case = cases.get(line.key)
        if case is None or line.kind is not EntryKind.APPLICATION:
            return None
        return Held(Standing.UNREADABLE, at=case.accepted_at)
    digests = frozenset({record.digest} - {""})
    standing = Standing.RECEIVED if digests else Standing.UNREADABLE
    return Held(standing, digests, at=record.at)


def _sent(
    lines: Iterable[Line], uploads: Mapping[str, tuple[UploadRecord, ...]]
) -> dict[Line, Held]:
    return {
        line: _of_upload(line.kind, one)
        for line in lines
        for one in uploads.get(line.key, ())
        if (one.kind, one.revision) == (SENT_AS[line.kind], line.revision)
    }


def _of_upload(kind: EntryKind, one: UploadRecord) -> Held:
    standing = Standing.PARKED if one.is_parked else Standing.WAITING
    if one.is_settled:
        standing = Standing.SENT
    try:
        record = _READ[kind](one.body)
    except ValidationError:
        return Held(standing, frozenset({bytes_digest(one.body)} if one.body else ()))
    return Held(
        standing, frozenset({content_digest(record), bytes_digest(one.body)}), _verdict(record)
    )


def _verdict(record: WireModel) -> str | None:
    match record:
        case Outcome():
            return record.verdict
        case LocalRegistration():
            return record.outcome.verdict
        case _:
            return None


def _newest(uploads: Mapping[str, tuple[UploadRecord, ...]]) -> dict[tuple[bool, str], int]:
    newest: defaultdict[tuple[bool, str], int] = defaultdict(int)
    for key, records in uploads.items():
        for one in records:
            if one.kind in UPLOADED:
                place = newest_key(Line(UPLOADED[one.kind], key, one.revision))
                newest[place] = max(newest[place], one.revision)
    return newest


def _digests(content: bytes, read: Callable[[bytes], WireModel]) -> frozenset[str]:
    try:
        return frozenset({content_digest(read(content)), bytes_digest(content)})
    except ValidationError:
        return frozenset({bytes_digest(content)})
