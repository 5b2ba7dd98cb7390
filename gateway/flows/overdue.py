"""逾期和将到期: open cases past their due date or close to it, and first contacts; read only."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from functools import partial

from gateway.domain.appraisal import Period
from gateway.domain.case import UNDECIDED, Case
from gateway.domain.decision import Decision
from gateway.domain.first_contact import FirstContact, first_contact
from gateway.flows.report_pages import Coverage, decided_page, due_page, read_pages
from gateway.ports.reports import SentMessage
from gateway.ports.store import Reader
from schemas.reference.calendar import WorkingCalendar


@dataclass(frozen=True, slots=True)
class DueCase:
    """An open case, and the last message about it, where one was ever sent."""

    case: Case
    last_message: SentMessage | None


@dataclass(frozen=True, slots=True)
class ContactDue:
    """Who was registered and is to be contacted, by the case."""

    case: Case
    contact: FirstContact


async def open_until(
    store: Reader, last: date | None, coverage: Coverage, *, agency: str | None = None
) -> AsyncIterator[DueCase]:
    """Yield the open cases that are due on `last` (Beijing) or before, state by state.

    Without a `last` all that is open, those whose due date is unknown too; with an `agency` only
    what it has.

    Raises:
        StoreUnavailable: The ledger cannot be read now.
    """
    for state in UNDECIDED:
        view = partial(
            due_page, state=state, first=None, last=last, agency=agency, with_messages=True
        )
        async for page in read_pages(store, view, coverage):
            for key, case in page.cases.items():
                messages = page.messages.get(key, ())
                yield DueCase(case, messages[-1] if messages else None)


async def contacts_due(
    store: Reader, period: Period, coverage: Coverage, *, calendar: WorkingCalendar
) -> list[ContactDue]:
    """Return who was registered by a decision taken in a period, by the day of first contact.

    Of several decisions about a case in the period the latest counts.

    Raises:
        StoreUnavailable: The ledger cannot be read now.
    """
    found: dict[str, tuple[Case, Decision]] = {}
    async for page in read_pages(store, partial(decided_page, period=period), coverage):
        coverage.unrecorded += sum(not one.is_recorded for one in page.decisions)
        for one in page.decisions:
            if one.key in page.cases:
                found[one.key] = page.cases[one.key], one
    due = [
        ContactDue(case, contact)
        for case, decision in found.values()
        if (contact := first_contact(decision, calendar)) is not None
    ]
    return sorted(due, key=_by_day)


def _by_day(one: ContactDue) -> tuple[date, str]:
    return one.contact.due_on or date.max, one.contact.key
