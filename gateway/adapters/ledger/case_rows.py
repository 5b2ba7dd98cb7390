"""办件: a row of the table `cases` and the case that it stands for."""

import json
from typing import Final, NamedTuple

from gateway.adapters.ledger.row_shapes import RowShape
from gateway.adapters.ledger.timestamps import as_day, instant, iso_day, micros
from gateway.domain.case import Case, State
from storage.session import Row

_STATES: Final = {state.value: state for state in State}


class CaseRow(NamedTuple):
    """A row of `cases`: its columns in the order in which every statement names them."""

    key: str
    state: str
    version: int
    revision: int
    place_basis: str
    place_division: str
    agency: str | None
    dispatch_no: str | None
    dispatches: int
    policy: str
    submitted_at: int
    accepted_at: int
    changed_at: int
    due_on: str
    due_rule: str
    hold_reason: str | None
    findings: str
    trace_id: str
    chain: str


_SHAPE: Final = RowShape(CaseRow)


def as_case(values: Row) -> Case:
    """Return the case of a row; by position, since every page and every outcome comes here.

    Raises:
        DAMAGED: The row is damaged.
    """
    row = _SHAPE.row(values)
    return Case(
        row.key,
        _STATES[row.state],
        row.version,
        row.revision,
        row.place_basis,
        row.place_division,
        row.agency,
        row.dispatch_no,
        row.dispatches,
        row.policy,
        instant(row.submitted_at),
        instant(row.accepted_at),
        instant(row.changed_at),
        as_day(row.due_on),
        row.due_rule,
        row.hold_reason,
        () if row.findings == "[]" else _findings(row.findings),
        row.trace_id,
        row.chain,
    )


def _findings(written: str) -> tuple[str, ...]:
    read = json.loads(written)
    if not isinstance(read, list) or not all(isinstance(one, str) for one in read):
        raise ValueError("findings are a list of texts")
    return tuple(read)


def case_row(case: Case) -> CaseRow:
    """Return a case as it is stored."""
    return CaseRow(
        case.key,
        case.state.value,
        case.version,
        case.revision,
        case.place_basis,
        case.place_division,
        case.agency,
        case.dispatch_no,
        case.dispatches,
        case.policy,
        micros(case.submitted_at),
        micros(case.accepted_at),
        micros(case.changed_at),
        iso_day(case.due_on),
        case.due_rule,
        case.hold_reason,
        json.dumps(case.findings, ensure_ascii=False) if case.findings else "[]",
        case.trace_id,
        case.chain,
    )


def saved_row(row: CaseRow, seal: bytes) -> Row:
    """Return the values of the statement `save_case`."""
    key, *columns = row
    return (*columns, seal, key, row.version - 1)


def step_row(row: CaseRow, seal: bytes) -> Row:
    """Return the values of the statement `save_step`."""
    return (
        row.state,
        row.version,
        row.revision,
        row.changed_at,
        row.hold_reason,
        row.chain,
        seal,
        row.key,
        row.version - 1,
    )
