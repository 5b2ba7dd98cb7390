"""补封: cases that were written before there were seals get theirs, where their history fits."""

from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter

from gateway.adapters.ledger.case_rows import CaseRow, as_case
from gateway.adapters.ledger.history import HistoryRow, as_entry
from gateway.adapters.ledger.row_shapes import DAMAGED
from gateway.adapters.ledger.seals import seal_case
from gateway.domain.audit import examine
from gateway.ports.unsealed_cases import SealedPage
from storage.sealing import Sealer
from storage.session import Session


class SqlUnsealedCases:
    """`UnsealedCases` inside one transaction of `session`."""

    __slots__ = ("_sealer", "_session")

    def __init__(self, session: Session, sealer: Sealer) -> None:
        self._session, self._sealer = session, sealer

    def seal(self, *, after: str, limit: int) -> SealedPage:
        """Seal some cases; one that its history does not fit stays without."""
        rows = [CaseRow._make(row) for row in self._session.rows("unsealed_cases", after, limit)]
        keys = [row.key for row in rows]
        histories = self._histories(keys) if keys else {}
        sealed = [
            (seal_case(self._sealer, row), row.key)
            for row in rows
            if _is_whole(row, histories.get(row.key, []))
        ]
        self._session.change_each("reseal_case", sealed)
        return SealedPage(len(sealed), keys[-1] if len(rows) == limit else None)

    def _histories(self, keys: Sequence[str]) -> dict[str, list[HistoryRow]]:
        entries = map(HistoryRow._make, self._session.rows_among("histories_of", keys))
        return {key: list(those) for key, those in groupby(entries, key=attrgetter("key"))}


def _is_whole(row: CaseRow, history: Sequence[HistoryRow]) -> bool:
    try:
        case, entries = as_case(row), [as_entry(entry) for entry in history]
    except DAMAGED:
        return False
    return next(examine(case, entries), None) is None
