"""失效分派单: dispatches that are over though nobody decided on them, by agency."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Superseded:
    """Dispatch `number` of the case `key` to `agency`, over since `at` (UTC)."""

    agency: str
    number: str
    key: str
    at: datetime


class SupersededDispatches(Protocol):
    """What is over, within one transaction; a few rows, for what did not end with a decision."""

    def add(self, dispatches: Sequence[Superseded]) -> None:
        """Note dispatches, in the transaction that ends them."""
        ...

    def among(self, agency: str, numbers: Sequence[str]) -> Mapping[str, str]:
        """Return which of `numbers` are dispatches to `agency` that are over, with their cases."""
        ...
