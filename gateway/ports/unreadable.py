"""无法读取的行: a row of the ledger that is damaged, or whose seal does not open."""

from dataclasses import dataclass
from enum import StrEnum


class UnreadableCode(StrEnum):
    """Why a row cannot be read."""

    DAMAGED = "row.damaged"
    """A column holds what no program of ours writes: an absurd instant, broken JSON."""
    SEAL_BROKEN = "store.seal-broken"
    """A sealed value was altered, moved to another row, or its key is not loaded."""


@dataclass(frozen=True, slots=True)
class UnreadableRow:
    """A row that stands in its place in a list, but of which nothing but the key can be shown."""

    table: str
    key: str
    code: UnreadableCode
