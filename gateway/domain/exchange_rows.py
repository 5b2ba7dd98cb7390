"""前置库的行: what a row of an agency's results says, what is answered to it, what ends a dispatch.

A row comes from a database that others write to by hand, so nothing in it is taken for granted.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.domain.case import UNDECIDED, Case, State
from gateway.domain.item_answer import ItemAnswer
from gateway.domain.retry_policy import is_worth_repeating
from schemas.records.exchange_tables import (
    KEY_COLUMNS,
    DispatchStatus,
    ResultKind,
    ResultStatus,
)
from schemas.records.json_errors import JsonErrorCode
from schemas.records.problems import FieldError
from schemas.records.strict_json import RawItem

_HALF_WRITTEN: Final = frozenset({JsonErrorCode.EMPTY, JsonErrorCode.SYNTAX})
_OUR_OWN_TROUBLE: Final = "service."
_LONG: Final = 10
INVALID: Final = "message.invalid"
DIFFERS: Final = "table.column-differs"
"""The code of a key column that says something else than the payload beside it."""
UNKNOWN_KIND: Final = "table.kind-unknown"
"""The code of a row whose kind is none that there is."""


@dataclass(frozen=True, slots=True)
class ResultRow:
    """A row of the results that is READY, as it was read; `columns` are those beside the payload.

    `payload` is empty where there is none. One that is too large is not read whole.
    """

    result_id: str
    kind: str
    columns: Mapping[str, str]
    payload: bytes

    @property
    def digest(self) -> str:
        """SHA-256 of the payload as it was read, hexadecimal."""
        return hashlib.sha256(self.payload).hexdigest()

    @property
    def record_kind(self) -> ResultKind | None:
        """What the row holds, None where it does not say so."""
        return ResultKind(self.kind) if self.kind in set(ResultKind) else None


@dataclass(frozen=True, slots=True)
class StoredRow:
    """A row of the results that was stored once: its digest then, and what it holds now."""

    result_id: str
    kind: str
    taken_at: str
    taken_digest: str
    digest: str


@dataclass(frozen=True, slots=True)
class OpenDispatch:
    """A row of the dispatches that is neither closed nor revoked."""

    dispatch_no: str
    application_no: str


@dataclass(frozen=True, slots=True)
class RowRefusal:
    """Why a row was not taken: a code of the catalogue, and the members that are wrong."""

    code: str
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class RowAnswer:
    """What is written for a row: its status, its receipt, or why it was not taken.

    A row that stays READY is looked at again.
    """

    result_id: str
    kind: str
    digest: str
    status: ResultStatus
    receipt: bytes | None = None
    refusal: RowRefusal | None = None

    @property
    def error_id(self) -> str:
        """What makes an error the same error, however often the row is looked at."""
        said = (self.result_id, self.digest, self.refusal.code if self.refusal else "")
        return hashlib.sha256("\x1f".join(said).encode()).hexdigest()


def is_half_written(item: RawItem) -> bool:
    """Say whether a payload may only not be there yet: none at all, or one that breaks off."""
    return item.error is not None and item.error.code in _HALF_WRITTEN


def differing_columns(row: ResultRow, said: Mapping[str, object]) -> Iterator[str]:
    """Yield the key columns that say something else than the payload; an empty one says nothing."""
    for name in KEY_COLUMNS:
        beside = row.columns.get(name, "")
        if beside and beside != _as_text(said.get(name)):
            yield name


def answer_of(row: ResultRow, answer: ItemAnswer) -> RowAnswer | None:
    """Return what is written for a row after its flow; None where nothing is, and it goes again."""
    if answer.refused is None:
        return RowAnswer(
            row.result_id, row.kind, row.digest, ResultStatus.TAKEN, receipt=answer.receipt
        )
    code = answer.refused.code
    if code.startswith(_OUR_OWN_TROUBLE):
        return None
    status = ResultStatus.READY if is_worth_repeating(code) else ResultStatus.REFUSED
    return refused(row, RowRefusal(code, answer.errors), status)


def refused(
    row: ResultRow, refusal: RowRefusal, status: ResultStatus = ResultStatus.REFUSED
) -> RowAnswer:
    """Return what is written for a row that is not taken."""
    return RowAnswer(row.result_id, row.kind, row.digest, status, refusal=refusal)


def changed(row: StoredRow) -> RowAnswer | None:
    """Return what is written for a row that was changed after it was stored, else None.

    What was stored first stands; a correction is a row of its own with the next revision.
    """
    if row.digest == row.taken_digest:
        return None
    kind = row.kind if row.kind in set(ResultKind) else ResultKind.OUTCOME.value
    conflict = RowRefusal(f"{kind}.conflict")
    return RowAnswer(row.result_id, row.kind, row.digest, ResultStatus.CHANGED, refusal=conflict)


def ending(one: OpenDispatch, case: Case | None, agency: str) -> DispatchStatus | None:
    """Return how a dispatch ended, None while it is open, or nobody knows such a case."""
    if case is None:
        return None
    if case.agency != agency or case.dispatch_no != one.dispatch_no:
        return DispatchStatus.REVOKED
    if case.state in UNDECIDED:
        return None
    decided = case.state in {State.DECIDED, State.REPORTED}
    return DispatchStatus.CLOSED if decided else DispatchStatus.REVOKED


def in_order(rows: Sequence[ResultRow]) -> dict[ResultKind, list[ResultRow]]:
    """Return rows by kind, in the order in which kinds build on each other, revisions rising.

    Rows whose kind is unknown are left out.
    """
    found: dict[ResultKind, list[ResultRow]] = {kind: [] for kind in ResultKind}
    for row in sorted(rows, key=_revision):
        if (kind := row.record_kind) is not None:
            found[kind].append(row)
    return {kind: of_kind for kind, of_kind in found.items() if of_kind}


def _revision(row: ResultRow) -> int:
    said = row.columns.get("revision", "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < _LONG else 0


def _as_text(value: object) -> str:
    """Return a member as a column has it; a whole number may be written with a point."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None or isinstance(value, bool) else str(value)
