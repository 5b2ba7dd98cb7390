"""逾期清单: overdue cases and first contacts as rows and as records; no person is in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from duijie.names import agency_name, place_name
from duijie.responsible import describe_responsible
from gateway.config import Settings
from gateway.domain.case import Case, State
from gateway.domain.deadline import working_days_late
from gateway.domain.responsibility import ResponsibilityRegister
from gateway.flows.overdue import ContactDue, DueCase
from gateway.ports.reports import SentMessage
from gateway.sending_words import describe_sending, describe_sending_state
from gateway.words import HOLDS, STATES
from schemas.reference.calendar import WorkingCalendar
from schemas.reference.clock import BEIJING

HEADINGS: Final = (
    *("经办机构", "责任单位和责任人", "申请编号", "登记失业地", "状态"),
    *("办结时限", "期限情况", "最近一次送达"),
)
SUMMARY_HEADINGS: Final = ("经办机构", "责任单位和责任人", "逾期", "将到期")
CONTACT_HEADINGS: Final = (
    *("经办机构", "责任单位和责任人", "办件", "登记失业地", "登记日期", "首次联系期限"),
)
UNASSIGNED: Final = "未分派"
_UNKNOWN: Final = "待定（工作日历未公布）"


@dataclass(frozen=True, slots=True)
class RowContext:
    """What rows are made with: names, the calendar, the Beijing date of today, who answers."""

    settings: Settings
    calendar: WorkingCalendar
    today: date
    register: ResponsibilityRegister

    def agency(self, case: Case) -> str:
        """Return the name of the agency that has a case."""
        return agency_name(case.agency, self.settings) or UNASSIGNED

    def responsible(self, case: Case) -> str:
        """Return who answers for a case, or that nobody is registered."""
        return describe_responsible(self.register.of(case.place_division))

    def days_late(self, due_on: date | None) -> int | None:
        """Return working days past a due date, negative where some are left."""
        return None if due_on is None else working_days_late(due_on, self.today, self.calendar)

    def is_late(self, case: Case) -> bool:
        """Say whether an open case is overdue today."""
        return case.due_on is not None and self.today > case.due_on


def due_cells(one: DueCase, context: RowContext) -> tuple[str, ...]:
    """Return an open case under `HEADINGS`."""
    case = one.case
    return (
        context.agency(case),
        context.responsible(case),
        case.key,
        place_name(case.place_division) or "",
        _state(case),
        "" if case.due_on is None else case.due_on.isoformat(),
        _term(case, context),
        _attempt(one.last_message),
    )


def due_record(one: DueCase, context: RowContext) -> dict[str, object]:
    """Return an open case as a record of JSON."""
    case, message = one.case, one.last_message
    found = context.register.of(case.place_division)
    return {
        "key": case.key,
        "agency_code": case.agency,
        "agency": agency_name(case.agency, context.settings),
        "responsible_unit": None if found is None else found.unit,
        "responsible_person": None if found is None else found.person,
        "place_division": case.place_division,
        "state": case.state.value,
        "hold_reason": case.hold_reason,
        "due_on": None if case.due_on is None else case.due_on.isoformat(),
        "overdue": context.is_late(case),
        "working_days_late": context.days_late(case.due_on),
        "attempts": 0 if message is None else message.attempts,
        "last_error": None if message is None else message.error,
    }


def summary_cells(
    agency: str, responsible: str, cases: Sequence[Case], context: RowContext
) -> tuple[str, ...]:
    """Return how many cases of an agency are overdue, and how many will be."""
    late = sum(context.is_late(one) for one in cases)
    return agency, responsible, f"{late} 件", f"{len(cases) - late} 件"


def contact_cells(one: ContactDue, context: RowContext) -> tuple[str, ...]:
    """Return a first contact under `CONTACT_HEADINGS`."""
    due_on = one.contact.due_on
    return (
        context.agency(one.case),
        context.responsible(one.case),
        one.case.key,
        place_name(one.case.place_division) or "",
        one.contact.registered_on.isoformat(),
        _UNKNOWN if due_on is None else due_on.isoformat(),
    )


def contact_record(one: ContactDue, context: RowContext) -> dict[str, object]:
    """Return a first contact as a record of JSON."""
    due_on = one.contact.due_on
    return {
        "key": one.case.key,
        "agency_code": one.case.agency,
        "agency": agency_name(one.case.agency, context.settings),
        "place_division": one.case.place_division,
        "registered_on": one.contact.registered_on.isoformat(),
        "contact_due_on": None if due_on is None else due_on.isoformat(),
    }


def _state(case: Case) -> str:
    if case.state is State.HELD and case.hold_reason:
        return f"{STATES[case.state]}：{HOLDS.get(case.hold_reason, case.hold_reason)}"
    return STATES[case.state]


def _term(case: Case, context: RowContext) -> str:
    """Return how many working days a case is late, or has left."""
    late = context.days_late(case.due_on)
    if not context.is_late(case):
        return "今日到期" if late == 0 else "将到期" if late is None else f"剩余 {-late} 个工作日"
    return "逾期" if not late else f"逾期 {late} 个工作日"


def _attempt(message: SentMessage | None) -> str:
    """Return how sending the last message about a case went."""
    if message is None:
        return "未送出"
    said, at = describe_sending_state(message)
    why = describe_sending(message.error)
    shown = at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")
    tried = f"，已尝试 {message.attempts} 次" if message.attempts else ""
    return f"{said} {shown}{tried}" + (f"：{why}" if why else "")
