"""附言: what an agency or an operator wrote with a step of a case, in words of their own."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class EntryText:
    """Free text that came with the entry `seq` of a case's history; it may name persons."""

    key: str
    seq: int
    text: str = field(repr=False)


class EntryTexts(Protocol):
    """Texts that belong to entries of histories, stored sealed."""

    def add(self, texts: Sequence[EntryText]) -> None:
        """Keep texts, one an entry at most, in the transaction that writes the entries."""
        ...
