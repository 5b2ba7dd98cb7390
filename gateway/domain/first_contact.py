"""首次联系: until when an agency contacts who was just registered.

Source: 人社厅发〔2020〕79号 (by telephone or text message, within five working days).
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from gateway.domain.decision import Decision
from schemas.reference.calendar import CalendarGap, WorkingCalendar

FIRST_CONTACT_WORKING_DAYS: Final = 5


@dataclass(frozen=True, slots=True)
class FirstContact:
    """The last day (Beijing) for the first contact; None while the calendar does not reach it."""

    key: str
    registered_on: date
    due_on: date | None


def first_contact(decision: Decision, calendar: WorkingCalendar) -> FirstContact | None:
    """Return until when the person of a decision is to be contacted; None where nobody is.

    The docking carries no record of the contact itself, so that only the day can be told.

    Assumed: the five working days run from the day after the registration (aae043)
    """
    registered_on = decision.registered_on
    if not decision.registers or registered_on is None:
        return None
    try:
        due_on = calendar.add_working_days(registered_on, FIRST_CONTACT_WORKING_DAYS)
    except CalendarGap:
        due_on = None
    return FirstContact(decision.key, registered_on, due_on)
