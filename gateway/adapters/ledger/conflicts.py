"""内容不同的来件: other content under a known number, compared with the first and masked."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType
from typing import Final, NamedTuple

from gateway.adapters.ledger.cases import read_contents
from gateway.adapters.ledger.masking import shown_difference
from gateway.adapters.ledger.row_shapes import DAMAGED
from gateway.adapters.ledger.seals import open_body, open_quarantined
from gateway.adapters.ledger.timestamps import instant
from gateway.domain.detail import Detail
from gateway.domain.differences import Difference, differences
from gateway.domain.outbox_rules import MessageKind
from gateway.ports import PORTAL
from gateway.ports.views import ConflictRow, MaskedDifference
from schemas.records.applications import ForwardedApplication
from schemas.records.base import WireModel
from schemas.records.canonical_form import form_of_received
from schemas.records.deregistrations import Deregistration
from schemas.records.outcomes import Outcome
from schemas.records.registrations import LocalRegistration
from storage.errors import SealBroken
from storage.sealing import Sealer
from storage.session import Session

_MOST_SHOWN: Final = 10
_OUTCOME, _REGISTRATION = "outcome.conflict", "registration.conflict"
_DEREGISTRATION: Final = "deregistration.conflict"
_READ: Final[Mapping[str, Callable[[bytes], WireModel]]] = MappingProxyType(
    {
        "application.conflict": ForwardedApplication.read,
        _OUTCOME: Outcome.read,
        _REGISTRATION: LocalRegistration.read,
        _DEREGISTRATION: Deregistration.read,
    }
)
_SENT_AS: Final[Mapping[str, MessageKind]] = MappingProxyType(
    {
        _OUTCOME: MessageKind.REPORT,
        _REGISTRATION: MessageKind.REGISTRATION,
        _DEREGISTRATION: MessageKind.DEREGISTRATION,
    }
)
"""Conflicts of a revision, and as what its first content went to the portal."""


class _Conflict(NamedTuple):
    """A row of `quarantine` with its content, sealed."""

    source: str
    reason: str
    detail: str
    at: int
    digest: str
    content: bytes


class _Firsts(NamedTuple):
    """What was taken first under the number of a case; of revisions, the sealed body of each."""

    application: bytes | None
    revisions: Mapping[tuple[MessageKind, str], bytes]


def read_conflicts(session: Session, sealer: Sealer, key: str) -> list[ConflictRow]:
    """Return what came under the number of a case with other content, `_MOST_SHOWN` at most."""
    rows = [_Conflict._make(row) for row in session.rows("conflicts_of", key, _MOST_SHOWN)]
    firsts = _firsts(session, sealer, key, rows)
    shown: list[ConflictRow] = []
    for row in rows:
        with suppress(*DAMAGED):
            at, differing = instant(row.at), _differing(sealer, key, row, firsts)
            shown.append(ConflictRow(row.source, row.reason, row.detail, at, differing))
    return shown


def _firsts(session: Session, sealer: Sealer, key: str, rows: Sequence[_Conflict]) -> _Firsts:
    """Read what each of `rows` is compared with; what cannot be read is absent."""
    application: bytes | None = None
    if any(row.reason not in _SENT_AS for row in rows):
        with suppress(*DAMAGED):
            application = read_contents(session, sealer, [key]).get(key)
    revisions: dict[tuple[MessageKind, str], bytes] = {}
    for reason, kind in _SENT_AS.items():
        numbers = {_number(key, row) for row in rows if row.reason == reason} - {""}
        named = (key, kind.value, PORTAL)
        found = session.rows_among("first_reports", sorted(numbers), *named) if numbers else ()
        revisions |= {(kind, number): body for number, body in found}
    return _Firsts(application, revisions)


def _differing(
    sealer: Sealer, key: str, row: _Conflict, firsts: _Firsts
) -> tuple[MaskedDifference, ...] | None:
    """Return the differences from the first, None where either cannot be opened or read."""
    try:
        first = _first(sealer, key, row, firsts)
        other = open_quarantined(sealer, (row.source, row.digest, row.reason), row.content)
        found = None if first is None else _differences(row.reason, first, other)
    except (*DAMAGED, SealBroken):
        return None
    return None if found is None else tuple(map(shown_difference, found))


def _differences(reason: str, first: bytes, other: bytes) -> tuple[Difference, ...]:
    """Compare what two contents say: how they are written makes no difference."""
    read = _READ.get(reason)
    if read is None:
        return differences(first, other)
    return differences(form_of_received(first, read), form_of_received(other, read))


def _first(sealer: Sealer, key: str, row: _Conflict, firsts: _Firsts) -> bytes | None:
    """Return what was taken first: the application of the case, or what a revision said."""
    kind = _SENT_AS.get(row.reason)
    if kind is None:
        return firsts.application
    number = _number(key, row)
    body = firsts.revisions.get((kind, number))
    if body is None:
        return None
    return open_body(sealer, kind=kind.value, peer=PORTAL, number=number, sealed=body)


def _number(key: str, row: _Conflict) -> str:
    """Return the number of the report of the revision that a conflict names; empty without one."""
    detail: Detail | None = None
    with suppress(*DAMAGED):
        detail = Detail.read(row.detail)
    return "" if detail is None else f"{key}:{detail.params.get('revision', '')}"
