"""核对: a page of cases, each with its seal and its history, read as it stands in the tables."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from gateway.adapters.ledger.case_rows import CaseRow, as_case
from gateway.adapters.ledger.history import as_entry
from gateway.adapters.ledger.row_shapes import DAMAGED
from gateway.adapters.ledger.seals import check_case
from gateway.domain.audit import AuditCode, AuditFinding, examine
from gateway.ports.audit import AuditPage
from storage.errors import SealBroken
from storage.sealing import Sealer
from storage.session import Row, Session

_COLUMNS: Final = len(CaseRow._fields)


def audit_page(session: Session, sealer: Sealer, after: str, limit: int) -> AuditPage:
    """Examine the cases after a key, and the history up to the last of them."""
    cases = session.rows("audit_cases", after, limit)
    last = cases[-1][0] if len(cases) == limit else None
    if last is None:
        entries = session.rows("audit_history_after", after)
    else:
        entries = session.rows("audit_history", after, last)
    histories = {key: list(rows) for key, rows in groupby(entries, key=lambda row: row[0])}
    findings = [
        finding for row in cases for finding in _findings(sealer, row, histories.pop(row[0], []))
    ]
    findings += [AuditFinding(str(key), AuditCode.CASE_MISSING) for key in histories]
    return AuditPage(len(cases), len(entries), tuple(findings), last)


def _findings(sealer: Sealer, row: Row, history: Sequence[Row]) -> Iterator[AuditFinding]:
    *columns, seal = row
    try:
        case, entries = as_case(tuple(columns)), [as_entry(entry) for entry in history]
    except DAMAGED:
        yield AuditFinding(str(row[0]), AuditCode.UNREADABLE)
        return
    found = next(examine(case, entries), None)
    if found is not None:
        yield found
    elif seal is None:
        yield AuditFinding(case.key, AuditCode.SEAL_MISSING)
    elif not _fits(sealer, columns, seal):
        yield AuditFinding(case.key, AuditCode.CASE_CHANGED)


def _fits(sealer: Sealer, columns: Sequence[object], seal: bytes) -> bool:
    try:
        check_case(sealer, columns, seal)
    except (*DAMAGED, SealBroken):
        return False
    return True
