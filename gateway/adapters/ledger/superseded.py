"""失效分派单: the table `superseded_dispatches`."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final, NamedTuple

from gateway.adapters.ledger.row_shapes import DAMAGED, RowShape
from gateway.adapters.ledger.timestamps import instant, micros
from gateway.ports.superseded import Superseded
from storage.session import Session


class SupersededRow(NamedTuple):
    """A row of `superseded_dispatches`."""

    agency: str
    number: str
    case_key: str
    at: int


_SHAPE: Final = RowShape(SupersededRow)


class SqlSuperseded:
    """`SupersededDispatches` inside one transaction of `session`."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, dispatches: Sequence[Superseded]) -> None:
        """Note dispatches, in the transaction that ends them."""
        rows = [
            SupersededRow(one.agency, one.number, one.key, micros(one.at)) for one in dispatches
        ]
        self._session.change_each("add_superseded", rows)

    def among(self, agency: str, numbers: Sequence[str]) -> dict[str, str]:
        """Return which of `numbers` are dispatches to `agency` that are over, with their cases."""
        rows = self._session.rows_among("superseded_among", numbers, agency) if numbers else []
        return {str(number): str(key) for number, key in rows}


def read_superseded(session: Session, agency: str, since: datetime, limit: int) -> list[Superseded]:
    """Return the latest dispatches to `agency` that are over since then; no damaged row."""
    found: list[Superseded] = []
    for values in session.rows("superseded_since", agency, micros(since), limit):
        with suppress(*DAMAGED):
            row = _SHAPE.row(values)
            found.append(Superseded(row.agency, row.number, row.case_key, instant(row.at)))
    return found
