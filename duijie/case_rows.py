"""A case as a row of a table and as a record of JSON, the person masked: for every command."""

from typing import Final

from duijie.ledger_reader import Listed
from duijie.names import agency_name, place_name
from gateway.config import Settings
from gateway.domain.case import UNDECIDED, State
from gateway.domain.deadline import overdue
from gateway.domain.download_lag import late_minutes
from gateway.ports.views import UnreadableCase, WorkRow
from gateway.words import HOLDS, STATES, UNREADABLE_ROW
from schemas.reference.clock import utc_now

HEADINGS: Final = ("申请编号", "登记失业地", "经办机构", "状态", "办结时限", "申请人", "证件号码")


def case_cells(row: Listed, settings: Settings) -> list[str | None]:
    """Return a case as a row under `HEADINGS`, the person masked."""
    if isinstance(row, UnreadableCase):
        return [row.row.key, None, None, UNREADABLE_ROW, None, None, None]
    one = row.case
    late = one.state in UNDECIDED and overdue(one.due_on, utc_now())
    due = "待定（工作日历未公布）" if one.due_on is None else one.due_on.isoformat()
    state = STATES[one.state]
    if one.state is State.HELD and one.hold_reason:
        state = f"{state}：{HOLDS.get(one.hold_reason, one.hold_reason)}"
    return [
        one.key,
        place_name(one.place_division),
        agency_name(one.agency, settings),
        state,
        f"{due} 逾期" if late else due,
        row.person,
        _certificate(row),
    ]


def _certificate(row: WorkRow) -> str:
    if not row.same_person:
        return row.certificate
    return f"{row.certificate}（另有 {len(row.same_person)} 件未办结）"


def case_record(row: Listed, settings: Settings) -> dict[str, object]:
    """Return a case as a record of JSON, the person masked."""
    if isinstance(row, UnreadableCase):
        return {"key": row.row.key, "unreadable": row.row.code.value}
    one = row.case
    return {
        "key": one.key,
        "state": one.state.value,
        "place_division": one.place_division,
        "place": place_name(one.place_division),
        "agency_code": one.agency,
        "agency": agency_name(one.agency, settings),
        "due_on": None if one.due_on is None else one.due_on.isoformat(),
        "due_rule": one.due_rule,
        "hold_reason": one.hold_reason,
        "findings": list(one.findings),
        "revision": one.revision,
        "submitted_at": one.submitted_at.isoformat(),
        "accepted_at": one.accepted_at.isoformat(),
        "download_late_minutes": late_minutes(one),
        "person": row.person,
        "certificate": row.certificate,
        "same_person": list(row.same_person),
        "trace_id": one.trace_id,
    }
