"""核对: a page of cases, each with its seal and its history, read as it stands in the tables."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from gateway.adapters.ledger.case_rows import CaseRow, as_case
from gateway.adapters.ledger.history import HistoryRow, as_entry
from gateway.adapters.ledger.row_shapes import DAMAGED
from gateway.adapters.ledger.seals import check_case
from gateway.domain.audit import AuditCode, AuditFinding, examine
from gateway.ports.audit import AuditPage
from storage.errors import SealBroken
from storage.sealing import Sealer
from storage.session import Row, Session


class _AuditedRow(NamedTuple):
    """A row of `cases` as it stands, unchecked, and its seal."""

    case: CaseRow
    seal: bytes | None


def audit_page(session: Session, sealer: Sealer, after: str, limit: int) -> AuditPage:
    """Examine the cases after a key, and the history up to the last of them."""
    cases = [_audited(row) for row in session.rows("audit_cases", after, limit)]
    last = cases[-1].case.key if len(cases) == limit else None
    if last is None:
        rows = session.rows("audit_history_after", after)
    else:
        rows = session.rows("audit_history", after, last)
    entries = map(HistoryRow._make, rows)
    histories = {key: list(those) for key, those in groupby(entries, key=attrgetter("key"))}
    findings = [
        finding
        for row in cases
        for finding in _findings(sealer, row, histories.pop(row.case.key, []))
    ]
    findings += [AuditFinding(str(key), AuditCode.CASE_MISSING) for key in histories]
    return AuditPage(len(cases), len(rows), tuple(findings), last)


def _audited(row: Row) -> _AuditedRow:
    *columns, seal = row
    return _AuditedRow(CaseRow._make(columns), seal)


def _findings(
    sealer: Sealer, row: _AuditedRow, history: Sequence[HistoryRow]
) -> Iterator[AuditFinding]:
    try:
        case, entries = as_case(row.case), [as_entry(entry) for entry in history]
    except DAMAGED:
        yield AuditFinding(str(row.case.key), AuditCode.UNREADABLE)
        return
    found = next(examine(case, entries), None)
    if found is not None:
        yield found
    elif row.seal is None:
        yield AuditFinding(case.key, AuditCode.SEAL_MISSING)
    elif not _fits(sealer, row.case, row.seal):
        yield AuditFinding(case.key, AuditCode.CASE_CHANGED)


def _fits(sealer: Sealer, row: CaseRow, seal: bytes) -> bool:
    try:
        check_case(sealer, row, seal)
    except (*DAMAGED, SealBroken):
        return False
    return True
