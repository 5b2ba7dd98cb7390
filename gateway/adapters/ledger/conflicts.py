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
from schemas.records.outcomes import Outcome
from storage.errors import SealBroken
from storage.sealing import Sealer
from storage.session import Session

_MOST_SHOWN: Final = 10
_OUTCOME: Final = "outcome.conflict"
_READ: Final[Mapping[str, Callable[[bytes], WireModel]]] = MappingProxyType(
    {"application.conflict": ForwardedApplication.read, _OUTCOME: Outcome.read}
)


class _Conflict(NamedTuple):
    """A row of `quarantine` with its content, sealed."""

    source: str
    reason: str
    detail: str
    at: int
    digest: str
    content: bytes


class _Firsts(NamedTuple):
    """What was taken first under the number of a case; of outcomes, the sealed body by number."""

    application: bytes | None
    outcomes: Mapping[str, bytes]


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
    if any(row.reason != _OUTCOME for row in rows):
        with suppress(*DAMAGED):
            application = read_contents(session, sealer, [key]).get(key)
    numbers = {_outcome_number(key, row) for row in rows if row.reason == _OUTCOME} - {""}
    bodies = session.rows_among("first_reports", sorted(numbers), key, PORTAL) if numbers else ()
    return _Firsts(application, dict(bodies))


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
    """Return what was taken first: the application of the case, or the outcome of a revision."""
    if row.reason != _OUTCOME:
        return firsts.application
    number = _outcome_number(key, row)
    body = firsts.outcomes.get(number)
    if body is None:
        return None
    kind = MessageKind.REPORT.value
    return open_body(sealer, kind=kind, peer=PORTAL, number=number, sealed=body)


def _outcome_number(key: str, row: _Conflict) -> str:
    """Return the number of the report of the revision that a conflict names; empty without one."""
    detail: Detail | None = None
    with suppress(*DAMAGED):
        detail = Detail.read(row.detail)
    return "" if detail is None else f"{key}:{detail.params.get('revision', '')}"
