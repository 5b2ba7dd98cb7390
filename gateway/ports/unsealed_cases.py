"""未封印的办件: cases that were written by a program before there were seals."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class SealedPage:
    """How many cases of a page were sealed; `last` is the key to go on after, None at the end."""

    sealed: int
    last: str | None


class UnsealedCases(Protocol):
    """The cases without a seal, inside one transaction."""

    def seal(self, *, after: str, limit: int) -> SealedPage:
        """Seal some cases, those with the lowest keys above `after`.

        One that its history does not fit, or that cannot be read, stays without: an audit names it.
        """
        ...
