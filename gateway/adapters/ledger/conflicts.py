"""内容不同的来件: other content under a known number, compared with the first and masked."""

from contextlib import suppress
from typing import Final, NamedTuple

from gateway.adapters.ledger.cases import read_contents
from gateway.adapters.ledger.masking import shown_difference
from gateway.adapters.ledger.row_shapes import DAMAGED
from gateway.adapters.ledger.seals import open_body, open_quarantined
from gateway.adapters.ledger.timestamps import instant
from gateway.domain.detail import Detail
from gateway.domain.differences import differences
from gateway.domain.outbox_rules import MessageKind
from gateway.ports import PORTAL
from gateway.ports.views import ConflictRow, MaskedDifference
from storage.errors import SealBroken
from storage.sealing import Sealer
from storage.session import Session

_MOST_SHOWN: Final = 10
_OUTCOME: Final = "outcome.conflict"


class _Conflict(NamedTuple):
    """A row of `quarantine` with its content, sealed."""

    source: str
    reason: str
    detail: str
    at: int
    digest: str
    content: bytes


def read_conflicts(session: Session, sealer: Sealer, key: str) -> list[ConflictRow]:
    """Return what came under the number of a case with other content, `_MOST_SHOWN` at most."""
    shown: list[ConflictRow] = []
    for row in map(_Conflict._make, session.rows("conflicts_of", key, _MOST_SHOWN)):
        with suppress(*DAMAGED):
            at, differing = instant(row.at), _differing(session, sealer, key, row)
            shown.append(ConflictRow(row.source, row.reason, row.detail, at, differing))
    return shown


def _differing(
    session: Session, sealer: Sealer, key: str, row: _Conflict
) -> tuple[MaskedDifference, ...] | None:
    """Return the differences from the first, None where either cannot be opened or read."""
    try:
        first = _first(session, sealer, key, row)
        other = open_quarantined(sealer, (row.source, row.digest, row.reason), row.content)
        found = None if first is None else differences(first, other)
    except (*DAMAGED, SealBroken):
        return None
    return None if found is None else tuple(map(shown_difference, found))


def _first(session: Session, sealer: Sealer, key: str, row: _Conflict) -> bytes | None:
    """Return what was taken first: the application of the case, or the outcome of a revision."""
    if row.reason != _OUTCOME:
        return read_contents(session, sealer, [key]).get(key)
    detail = Detail.read(row.detail)
    number = f"{key}:{detail.params.get('revision', '')}" if detail is not None else ""
    kind = MessageKind.REPORT.value
    for (body,) in session.rows("first_report", PORTAL, number):
        return open_body(sealer, kind=kind, peer=PORTAL, number=number, sealed=body)
    return None
