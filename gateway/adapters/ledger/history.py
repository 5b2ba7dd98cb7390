"""办理经过: a row of the table `case_history` and the entry that it stands for."""

from typing import Final, NamedTuple

from gateway.adapters.ledger.row_shapes import RowShape
from gateway.adapters.ledger.timestamps import instant, micros
from gateway.domain.case import HistoryEntry, State, Step
from storage.session import Row

_STATES: Final = {state.value: state for state in State}
_STEPS: Final = {step.value: step for step in Step}


class HistoryRow(NamedTuple):
    """A row of `case_history`."""

    key: str
    seq: int
    at: int
    step: str
    state: str
    actor: str
    note: str | None
    chain: str


_SHAPE: Final = RowShape(HistoryRow)


def as_entry(values: Row) -> HistoryEntry:
    """Return the history entry of a row.

    Raises:
        DAMAGED: The row is damaged.
    """
    row = _SHAPE.row(values)
    return HistoryEntry(
        key=row.key,
        seq=row.seq,
        at=instant(row.at),
        step=_STEPS[row.step],
        state=_STATES[row.state],
        actor=row.actor,
        note=row.note,
        chain=row.chain,
    )


def history_row(entry: HistoryEntry) -> HistoryRow:
    """Return a history entry as it is stored."""
    return HistoryRow(
        entry.key,
        entry.seq,
        micros(entry.at),
        entry.step.value,
        entry.state.value,
        entry.actor,
        entry.note,
        entry.chain,
    )
