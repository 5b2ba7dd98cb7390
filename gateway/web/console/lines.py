"""What the pages show of a case, of a step of its history, and of a row that cannot be read."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, TypeVar
from urllib.parse import quote

from gateway.domain.case import UNDECIDED, HistoryEntry
from gateway.domain.deadline import overdue
from gateway.domain.download_lag import late_minutes
from gateway.domain.intake_rules import Rules
from gateway.ports.unreadable import UnreadableRow
from gateway.ports.views import MessageView, QuarantineRow, UnreadableCase, WorkRow
from gateway.sending_words import MESSAGES, describe_sending, describe_sending_state
from gateway.words import HOLDS, STATES, UNREADABLE_ROW, describe_late
from schemas.reference.clock import BEIJING, beijing_date
from schemas.reference.divisions import UnknownDivision

R = TypeVar("R", HistoryEntry, QuarantineRow)
_DOTS: Final = frozenset({".", ".."})


@dataclass(frozen=True, slots=True)
class UnreadableLine:
    """What a page shows of a row that cannot be read."""

    key: str
    link: str | None
    words: str = UNREADABLE_ROW
    readable: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One case as a page shows it."""

    key: str
    link: str
    person: str
    certificate: str
    place: str
    agency: str
    state: str
    state_name: str
    due_on: date | None
    late: bool
    submitted: datetime
    held: str | None
    lag: str | None = None  # that it was downloaded too late, in words
    same_person: tuple[tuple[str, str], ...] = ()  # other open cases of the person: key and link
    readable: bool = True


@dataclass(frozen=True, slots=True)
class MessageLine:
    """One message about a case as a page shows it; `why` is why it did not get through last."""

    kind: str
    peer: str
    revision: int
    attempts: int
    state: str
    at: datetime
    why: str | None


def message_line(one: MessageView | UnreadableRow) -> MessageLine | UnreadableLine:
    """Return what the page of a case shows of a message."""
    if isinstance(one, UnreadableRow):
        return UnreadableLine(one.key, None)
    state, at = describe_sending_state(one)
    why = describe_sending(one.error)
    return MessageLine(MESSAGES[one.kind], one.peer, one.revision, one.attempts, state, at, why)


def line_of(row: WorkRow | UnreadableCase, rules: Rules, at: datetime) -> Line | UnreadableLine:
    """Return what the pages show of a case at an instant."""
    if isinstance(row, UnreadableCase):
        return UnreadableLine(row.row.key, _link(row.row.key))
    case = row.case
    minutes = late_minutes(case)
    return Line(
        key=case.key,
        link=_link(case.key),
        person=row.person,
        certificate=row.certificate,
        place=_place(case.place_division, rules),
        agency=_agency_name(case.agency, rules, at),
        state=case.state,
        state_name=STATES[case.state],
        due_on=case.due_on,
        late=case.state in UNDECIDED and overdue(case.due_on, at),
        submitted=case.submitted_at,
        held=HOLDS.get(case.hold_reason, case.hold_reason) if case.hold_reason else None,
        lag=None if minutes is None else describe_late(minutes),
        same_person=tuple((key, _link(key)) for key in row.same_person),
    )


def shown_of(row: R | UnreadableRow) -> R | UnreadableLine:
    """Return what a list shows of an entry or an item."""
    return UnreadableLine(row.key, None) if isinstance(row, UnreadableRow) else row


def moment(at: datetime) -> str:
    """Return an instant as Beijing reads it."""
    return at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def _place(division: str, rules: Rules) -> str:
    try:
        return rules.tree.full_name(division)
    except UnknownDivision:
        return f"无法识别的行政区划代码 {division}"


def _link(key: str) -> str:
    """Return the address of a case; browsers resolve a step of one or two dots, escaped or not."""
    return f"/cases/?key={key}" if key in _DOTS else f"/cases/{quote(key, safe='')}"


def _agency_name(code: str | None, rules: Rules, at: datetime) -> str:
    if code is None:
        return ""
    return rules.directory.name_of(code, beijing_date(at)) or code
