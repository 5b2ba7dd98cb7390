"""补封: cases that were written before there were seals get theirs, where their history fits."""

from collections.abc import Sequence
from itertools import groupby

from gateway.adapters.ledger.cases import as_case
from gateway.adapters.ledger.history import as_entry
from gateway.adapters.ledger.row_shapes import DAMAGED
from gateway.adapters.ledger.seals import seal_case
from gateway.domain.audit import examine
from gateway.ports.unsealed_cases import SealedPage
from storage.sealing import Sealer
from storage.session import Row, Session


class SqlUnsealedCases:
    """`UnsealedCases` inside one transaction of `session`."""

    __slots__ = ("_sealer", "_session")

    def __init__(self, session: Session, sealer: Sealer) -> None:
        self._session, self._sealer = session, sealer

    def seal(self, *, after: str, limit: int) -> SealedPage:
        """Seal some cases; one that its history does not fit stays without."""
        rows = self._session.rows("unsealed_cases", after, limit)
        keys = [str(row[0]) for row in rows]
        entries = self._session.rows_among("histories_of", keys) if keys else []
        histories = {key: list(those) for key, those in groupby(entries, key=lambda row: row[0])}
        sealed = [
            (seal_case(self._sealer, row), row[0])
            for row in rows
            if _is_whole(row, histories.get(row[0], []))
        ]
        self._session.change_each("reseal_case", sealed)
        return SealedPage(len(sealed), keys[-1] if len(rows) == limit else None)


def _is_whole(row: Row, history: Sequence[Row]) -> bool:
    try:
        case, entries = as_case(row), [as_entry(entry) for entry in history]
    except DAMAGED:
        return False
    return next(examine(case, entries), None) is None
