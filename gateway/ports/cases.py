"""办件: the cases of one transaction, each saved only over the version it was read at."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.domain.case import Case, Change, State


@dataclass(frozen=True, slots=True)
class Opening:
    """A case to open: its first change, its content, and whom it is about.

    `content` is the very bytes received; `subject` the certificate number, None when unreadable.
    Both
    are stored encrypted, the subject as a keyed blind index besides.
    """

    change: Change
    content: bytes
    subject: str | None


@dataclass(frozen=True, slots=True)
class UndatedCase:
    """What the due date of a case follows from, while it is unknown.

    `accepted_at` is None where the row is damaged: it is passed by.
    """

    key: str
    policy: str
    place_division: str
    accepted_at: datetime | None


class Cases(Protocol):
    """The cases, with what was received for them and their history."""

    def read(self, keys: Sequence[str]) -> Mapping[str, Case]:
        """Return the cases there are among `keys`, locked against other writers.

        One that cannot be read is left out, and is among `unreadable` afterwards.
        """
        ...

    @property
    def unreadable(self) -> AbstractSet[str]:
        """The keys asked for in this transaction whose case is there, but cannot be read."""
        ...

    def undecided_by_dispatch(self, agency: str, numbers: Sequence[str]) -> Mapping[str, str]:
        """Return the keys of undecided cases with `agency` whose current dispatches these are.

        By number; it costs as much as the agency has undecided cases, and no more with the years.
        """
        ...

    def without_due_date(self, state: State, *, after: str, limit: int) -> list[UndatedCase]:
        """Return cases in a state whose due date is unknown, by key after one; nothing is locked.

        A case without a due date is never overdue, so nobody would miss it.
        """
        ...

    def open(self, openings: Sequence[Opening]) -> None:
        """Open cases; raise `StaleCase` where there is one under the key already."""
        ...

    def replace_contents(self, openings: Sequence[Opening]) -> None:
        """Save changes to cases together with what is known of their persons from now on."""
        ...

    def notes(self, keys: Sequence[str], *, actor: str) -> Mapping[str, list[str]]:
        """Return the notes of the entries `note` that `actor` caused, by case."""
        ...

    def fingerprint(self, digest: str) -> str:
        """Return a short keyed digest of a digest of content, fit to stand in a note."""
        ...

    def open_of_same_person(self, keys: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
        """Return the keys of other open cases of the persons of some cases, a few at most.

        A case whose person has none is left out.
        """
        ...

    def contents(self, keys: Sequence[str]) -> Mapping[str, bytes]:
        """Return what was received for the cases among `keys`; one whose seal broke is absent."""
        ...

    def save(self, changes: Sequence[Change]) -> None:
        """Store changed cases with their history; raise `StaleCase` where a version moved on."""
        ...
