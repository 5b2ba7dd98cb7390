"""办件: the cases of one transaction, each saved only over the version it was read at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.domain.case import Case, Change


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


class Cases(Protocol):
    """The cases, with what was received for them and their history."""

    def read(self, keys: Sequence[str]) -> Mapping[str, Case]:
        """Return the cases there are among `keys`, locked against other writers."""
        ...

    def open(self, openings: Sequence[Opening]) -> None:
        """Open cases; raise `StaleCase` where there is one under the key already."""
        ...

    def replace_contents(self, openings: Sequence[Opening]) -> None:
        """Save changes to cases held as unreadable together with their now readable contents."""
        ...

    def save(self, changes: Sequence[Change]) -> None:
        """Store changed cases with their history; raise `StaleCase` where a version moved on."""
        ...
