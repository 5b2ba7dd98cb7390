"""待告知: whom an agency still has to tell that the registration ended, and until when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol


@dataclass(frozen=True, slots=True)
class NoticeDue:
    """A person who is still to be told, until a Beijing date; None while that is unknown."""

    key: str
    agency: str
    ground: str
    due_on: date | None


class Notices(Protocol):
    """Notices that are due (待告知), one a registration."""

    def record(self, due: Sequence[NoticeDue]) -> None:
        """Enter notices that are due, in the place of earlier ones of the same registrations."""
        ...

    def close(self, keys: Sequence[str]) -> None:
        """Take out those that are given, or need not be given; the others stay."""
        ...
