"""What happened (事件记录): an append-only log of events, without personal data."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from schemas.reference.clock import Now

Fact = str | int | bool
_NOTHING: Final[Mapping[str, Fact]] = MappingProxyType({})


class EventKind(StrEnum):
    """The closed set of things that happen at the national side."""

    FILED = "filed"
    INJECTED = "injected"  # put into a feed as it is, past every check
    WITHDRAWN = "withdrawn"
    DELIVERED = "delivered"
    ACKNOWLEDGED = "acknowledged"
    DECIDED = "decided"  # a result took effect
    DEREGISTERED = "deregistered"
    PUBLISHED = "published"  # a part of an agency list was kept
    RETURNED = "returned"  # an area gave an application back
    FORWARDED_ON = "forwarded-on"  # to another area than before
    REPEATED = "repeated"  # the same result again; nothing changed
    REFUSED = "refused"
    FAULT = "fault"
    RESET = "reset"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened: `no` counts from 1, `at` is in UTC, `facts` hold no person."""

    no: int
    at: datetime
    kind: EventKind
    application_no: str | None
    facts: Mapping[str, Fact]


class EventLog:
    """Events in the order they happened; they are never changed."""

    __slots__ = ("_events", "_now")

    def __init__(self, now: Now) -> None:
        self._events: list[Event] = []
        self._now = now

    def record(
        self,
        kind: EventKind,
        application_no: str | None = None,
        facts: Mapping[str, Fact] = _NOTHING,
    ) -> None:
        """Append one event, now."""
        number = len(self._events) + 1
        self._events.append(Event(number, self._now(), kind, application_no, facts))

    def after(self, no: int, limit: int) -> list[Event]:
        """Return up to `limit` events that came after number `no`."""
        start = max(no, 0)
        return self._events[start : start + limit]

    def __len__(self) -> int:
        return len(self._events)
