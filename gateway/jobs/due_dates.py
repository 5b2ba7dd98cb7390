"""The leader's duty to the cases whose due date is unknown: at the start, and at each tick."""

import logging
from pathlib import Path
from typing import Final

from gateway.domain import deadline
from gateway.domain.intake_rules import Rules
from gateway.events import say
from gateway.flows.due_dates import UndatedMark, date_undated
from gateway.ports.leadership import LeaderLease
from gateway.ports.store import Store
from schemas.reference.calendar import WorkingCalendar
from schemas.reference.clock import Now
from schemas.reference.csv_table import TableUnreadable

LOG: Final = logging.getLogger(__name__)
PAGES_A_TURN: Final = 25
"""So a turn is short; what is left is gone on with in the next."""


class DueDates:
    """Goes through the cases without a due date, again and again, a few pages a turn.

    The folder of calendars is read in each turn, so a year that is added while the gateway runs is
    found. A file that is just being copied is not: what is read counts once it was the same twice.
    """

    def __init__(self, *, store: Store, rules: Rules, folder: Path | None, now: Now) -> None:
        self._store, self._rules, self._folder, self._now = store, rules, folder, now
        self._calendar = self._read_last = rules.calendar
        self._due_dates = rules.due_dates
        self._mark: UndatedMark | None = None

    async def carry_on(self, lease: LeaderLease) -> int:
        """Look through the next pages; return how many cases got their due date.

        Raises:
            LeaseLost, StoreUnavailable: What was done before stays done.
        """
        self._look_for_years()
        dated = 0
        for _ in range(PAGES_A_TURN):
            page = await date_undated(
                lease,
                after=self._mark or UndatedMark(),
                due_dates=self._due_dates,
                store=self._store,
                now=self._now,
            )
            dated, self._mark = dated + page.dated, page.mark
            if self._mark is None:
                break
        return dated

    def _look_for_years(self) -> None:
        if self._folder is None:
            return
        try:
            read = WorkingCalendar.load(self._folder)
        except (TableUnreadable, OSError):
            say(LOG, logging.WARNING, "calendar.unreadable")
            return
        if read == self._read_last and read != self._calendar:
            self._calendar = read
            rules = self._rules
            self._due_dates = deadline.DueDates(rules.province, read, rules.tree)
        self._read_last = read
