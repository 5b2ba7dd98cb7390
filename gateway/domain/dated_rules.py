"""按日取用的规则: which rules count on a day; tables change at midnight without a restart."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date
from typing import Protocol

from gateway.domain.intake_rules import Rules


class DatedRules(Protocol):
    """Gives the rules of a day; `Rules` are those of every day."""

    def on(self, day: date) -> Rules:
        """Return the rules in force on a Beijing date."""
        ...


class RulesByDay:
    """Rules under one edition of the tables after another; immutable, each with its own memory."""

    __slots__ = ("_days", "_rules")

    def __init__(self, first: Rules, later: Sequence[tuple[date, Rules]] = ()) -> None:
        """Hold the rules of now, and those that come into force on later days, in that order."""
        self._days = tuple(day for day, _ in later)
        self._rules = (first, *(rules for _, rules in later))

    def on(self, day: date) -> Rules:
        """Return the rules in force on a Beijing date; before the first, those of the first."""
        return self._rules[bisect_right(self._days, day)]
