"""Reading the editions of code tables and divisions, and the decisions on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from gateway.domain.division_changes import OpenPlace
from gateway.domain.table_decisions import Adoption, FetchedMark, TableDecision
from gateway.domain.table_editions import Edition, EditionRef, TableKind


@dataclass(frozen=True, slots=True)
class TableStanding:
    """How the tables of one kind stand: what is in force or planned, and what was fetched last.

    `waiting` is a proposal that nobody has decided on; `last_no` the number of the last decision.
    """

    kind: TableKind
    planned: tuple[Adoption, ...]
    fetched: FetchedMark | None
    waiting: FetchedMark | None
    last_no: int


class TableViews(Protocol):
    """Reading only, as `Views`."""

    def table_standing(self, kind: TableKind, since: date) -> TableStanding:
        """Return how the tables of a kind stand on a Beijing date and later."""
        ...

    def editions_named(self, named: EditionRef) -> Sequence[EditionRef]:
        """Return the stored editions that a digest cut short can mean, two at most."""
        ...

    def table_edition(self, edition: EditionRef) -> Edition | None:
        """Return an edition with its rows; None where it is not there, or is damaged."""
        ...

    def table_decisions(self, kind: TableKind, *, limit: int) -> list[TableDecision]:
        """Return the latest decisions on editions of a kind, the last one first."""
        ...

    def open_places(self, *, limit: int) -> list[OpenPlace]:
        """Return where the first `limit` open cases of each state are registered, and how many."""
        ...
