"""The rows of `table_editions`, `table_fetches` and `table_decisions` as objects."""

import zlib
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final, NamedTuple

from gateway.adapters.ledger.observer import LedgerObserver
from gateway.adapters.ledger.row_shapes import DAMAGED, RowShape
from gateway.adapters.ledger.seals import open_decision, seal_decision
from gateway.adapters.ledger.timestamps import instant, micros
from gateway.adapters.ledger.unreadable import tell_unreadable, text_of
from gateway.domain.table_decisions import Adoption, DecisionStep, FetchedMark, TableDecision
from gateway.domain.table_editions import Edition, EditionRef, TableKind
from storage.errors import SealBroken
from storage.sealing import Sealer
from storage.session import Row

TABLE: Final = "table_decisions"
_LARGEST_BODY: Final = 64 << 20
"""Inflated; fifty times the largest edition known."""


class FetchRow(NamedTuple):
    """A row of `table_fetches`."""

    kind: str
    digest: str
    since: int
    seen_at: int


class EditionRow(NamedTuple):
    """A row of `table_editions`, without when it came."""

    kind: str
    digest: str
    as_of: str | None
    body: bytes


class DecisionRow(NamedTuple):
    """A row of `table_decisions`."""

    kind: str
    no: int
    step: str
    digest: str
    from_day: str | None
    at: int
    actor: str
    reason: bytes


_FETCH: Final = RowShape(FetchRow)
_EDITION: Final = RowShape(EditionRow)
_DECISION: Final = RowShape(DecisionRow)


def as_fetched(row: Row) -> FetchedMark:
    """Return what was fetched last; raises what `DAMAGED` names."""
    stored = _FETCH.row(row)
    edition = EditionRef(TableKind(stored.kind), stored.digest)
    return FetchedMark(edition, instant(stored.since), instant(stored.seen_at))


def deflated(body: bytes) -> bytes:
    """Return the body of an edition as it is stored."""
    return zlib.compress(body)


def as_edition(row: Row) -> Edition | None:
    """Return an edition; None where its rows are not those that its digest is of."""
    try:
        stored = _EDITION.row(row)
        body = zlib.decompressobj().decompress(stored.body, _LARGEST_BODY)
        as_of = None if stored.as_of is None else date.fromisoformat(stored.as_of)
        edition = Edition.of(TableKind(stored.kind), body, as_of)
    except (*DAMAGED, zlib.error):
        return None
    return edition if edition.ref.digest == stored.digest else None


def decision_row(decision: TableDecision, sealer: Sealer) -> DecisionRow:
    """Return the row of a decision, its reason sealed for the rest of it."""
    row = DecisionRow(
        decision.edition.kind.value,
        decision.no,
        decision.step.value,
        decision.edition.digest,
        None if decision.from_day is None else decision.from_day.isoformat(),
        micros(decision.at),
        decision.actor,
        b"",
    )
    return row._replace(reason=seal_decision(sealer, row[:-1], decision.reason))


def as_decisions(
    rows: Sequence[Row], sealer: Sealer, observer: LedgerObserver
) -> Iterator[TableDecision]:
    """Yield the decisions that can be read; one that was altered is told and counts for nothing."""
    for values in rows:
        try:
            yield _as_decision(values, sealer)
        except (*DAMAGED, SealBroken) as damage:
            stored = DecisionRow._make(values)
            tell_unreadable(observer, TABLE, f"{text_of(stored.kind)}/{stored.no}", damage)


def as_adoption(decision: TableDecision) -> Adoption | None:
    """Return what a decision puts in force; None for one that puts nothing."""
    if decision.step is not DecisionStep.ADOPTED or decision.from_day is None:
        return None
    return Adoption(decision.edition, decision.no, decision.from_day)


def _as_decision(values: Row, sealer: Sealer) -> TableDecision:
    row = _DECISION.row(values)
    return TableDecision(
        EditionRef(TableKind(row.kind), row.digest),
        row.no,
        DecisionStep(row.step),
        None if row.from_day is None else date.fromisoformat(row.from_day),
        instant(row.at),
        row.actor,
        open_decision(sealer, row[:-1], row.reason),
    )
