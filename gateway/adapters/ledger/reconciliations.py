"""对账: the tables `reconciliations` and `statement_lines`.

What a statement says of a message would confirm a guess of it, so it is sealed while it is kept.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import Final, NamedTuple

from pydantic import TypeAdapter

from gateway.adapters.ledger.row_shapes import RowShape
from gateway.adapters.ledger.seals import open_statement, seal_statement
from gateway.adapters.ledger.timestamps import instant, micros
from gateway.ports.reconciliations import Phase, Reconciliation
from schemas.records.statements import Statement, StatementEntry
from storage.errors import SealBroken
from storage.sealing import Sealer
from storage.session import Row, Session

_HEADER: Final = ""
"""Stands for the header where a line stands otherwise: no line is empty."""
_ENTRIES: Final = TypeAdapter(tuple[StatementEntry, ...])


class ReconciliationRow(NamedTuple):
    """A row of `reconciliations`."""

    day: str
    phase: str
    run: int
    header: bytes | None
    parts: int
    mark: str
    theirs: int
    ours: int
    reason: str | None
    attempts: int
    begun_at: int
    changed_at: int
    due_at: int


_SHAPE: Final = RowShape(ReconciliationRow)


class SqlReconciliations:
    """`Reconciliations` inside one transaction of `session`."""

    __slots__ = ("_sealer", "_session")

    def __init__(self, session: Session, sealer: Sealer) -> None:
        self._session, self._sealer = session, sealer

    def of(self, day: date) -> Reconciliation | None:
        """Return how far a day is; None where it was never begun."""
        for row in self._session.rows("reconciliation_of", day.isoformat()):
            return as_reconciliation(row, self._sealer)
        return None

    def save(self, one: Reconciliation) -> None:
        """Save how far a day is."""
        day, header = one.day.isoformat(), None
        if one.header is not None:
            header = seal_statement(self._sealer, day, _HEADER, one.header.wire())
        self._session.change(
            "save_reconciliation",
            *(day, one.phase.value, one.run, header, one.parts, one.mark, one.theirs, one.ours),
            *(one.reason, one.attempts, micros(one.begun_at), micros(one.changed_at)),
            micros(one.due_at),
        )

    def kept(self, day: date, lines: Sequence[str]) -> dict[str, tuple[StatementEntry, ...]]:
        """Return what is kept under some lines of the statement in hand; raise `SealBroken`."""
        if not lines:
            return {}
        rows = self._session.rows_among("statement_lines_among", lines, day.isoformat())
        return {line: _entries(self._sealer, day, line, entries) for line, entries in rows}

    def keep(self, day: date, lines: Mapping[str, tuple[StatementEntry, ...]]) -> None:
        """Keep lines of the statement in hand, in the place of what was kept of them."""
        stored = day.isoformat()
        rows: list[Row] = [
            (stored, line, seal_statement(self._sealer, stored, line, _written(entries)))
            for line, entries in sorted(lines.items())
        ]
        self._session.change_each("keep_statement_line", rows)

    def drop(self, day: date, *, limit: int) -> int:
        """Let go of some lines of the statement in hand; return how many."""
        stored = day.isoformat()
        lines = [line for (line,) in self._session.rows("statement_lines_to_drop", stored, limit)]
        if lines:
            self._session.rows_among("drop_statement_lines", lines, stored)
        return len(lines)


def as_reconciliation(values: Row, sealer: Sealer) -> Reconciliation:
    """Return how far a day is, of its row; a header that cannot be opened is as if none was kept.

    Raises:
        DAMAGED: The row is damaged.
    """
    row = _SHAPE.row(values)
    header = None
    if row.header is not None:
        with suppress(SealBroken):  # its key is gone: the statement is fetched anew
            header = Statement.read(open_statement(sealer, row.day, _HEADER, row.header))
    return Reconciliation(
        day=date.fromisoformat(row.day),
        phase=Phase(row.phase),
        run=row.run,
        header=header,
        parts=row.parts,
        mark=row.mark,
        theirs=row.theirs,
        ours=row.ours,
        reason=row.reason,
        attempts=row.attempts,
        begun_at=instant(row.begun_at),
        changed_at=instant(row.changed_at),
        due_at=instant(row.due_at),
    )


def statement_page(
    session: Session, sealer: Sealer, day: date, *, after: str, limit: int
) -> list[tuple[str, tuple[StatementEntry, ...]]]:
    """Return lines of the statement in hand with their entries, after one; raise `SealBroken`."""
    rows = session.rows("statement_page", day.isoformat(), after, limit)
    return [(line, _entries(sealer, day, line, entries)) for line, entries in rows]


def _written(entries: Sequence[StatementEntry]) -> bytes:
    return b"[%b]" % b",".join(one.wire() for one in entries)


def _entries(sealer: Sealer, day: date, line: str, sealed: bytes) -> tuple[StatementEntry, ...]:
    return _ENTRIES.validate_json(
        open_statement(sealer, day.isoformat(), line, sealed), by_alias=True, by_name=False
    )
