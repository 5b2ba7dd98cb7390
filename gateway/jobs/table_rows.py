"""取回结果: rows of an agency's results go the way of its messages, and get the same answers."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import orjson

from gateway.domain.exchange_rows import (
    ResultRow,
    RowAnswer,
    answer_of,
    differing_columns,
    in_order,
    is_half_written,
    refused,
)
from gateway.domain.item_answer import ItemAnswer
from gateway.exchange_words import columns_differ, kind_unknown
from gateway.flows.failpoints import Failpoint, FailpointHook
from gateway.ports.exchange_tables import ExchangeTables
from schemas.records.exchange_tables import ResultKind
from schemas.records.strict_json import RawItem, read_single_item
from schemas.reference.clock import Now

ROWS: Final = 100
"""Rows that are read, and recorded, at a time."""
GRACE: Final = timedelta(seconds=60)
"""How long a row that is READY without a whole payload is waited for."""

RecordRows = Callable[[Sequence[RawItem]], Awaitable[tuple[ItemAnswer, ...]]]
"""Records items of one kind from one agency; one answer each, in order."""


@dataclass(slots=True)
class HalfWritten:
    """Rows that are READY and not whole, and since when, by a monotonic clock."""

    monotonic: Now
    _since: dict[str, datetime] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)

    def waits(self, result_id: str) -> bool:
        """Say whether a row is still waited for."""
        at = self.monotonic()
        self._seen.add(result_id)
        return at - self._since.setdefault(result_id, at) < GRACE

    def end_of_look(self) -> None:
        """Forget the rows that were not met since the last time."""
        self._since = {one: at for one, at in self._since.items() if one in self._seen}
        self._seen = set()


class RowTaker:
    """Takes pages of rows of one agency."""

    def __init__(
        self,
        tables: ExchangeTables,
        record: Mapping[ResultKind, RecordRows],
        *,
        now: Now,
        monotonic: Now,
        hook: FailpointHook,
    ) -> None:
        self._tables, self._record, self._now, self._hook = tables, record, now, hook
        self.half_written = HalfWritten(monotonic)

    async def take(self, rows: Sequence[ResultRow]) -> list[RowAnswer]:
        """Record a page of rows and write into each what became of it; return what was written.

        A death before that leaves them READY: they are recorded once more, as repeats, which get
        their first receipts.

        Raises:
            PeerUnavailable, StoreUnavailable: As after a death.
        """
        self._hook(Failpoint.TABLE_RESULTS_READ)
        answers = [refused(row, kind_unknown()) for row in rows if row.record_kind is None]
        for kind, of_kind in in_order(rows).items():
            whole = [pair for row in of_kind if (pair := self._whole(row)) is not None]
            fitting: list[tuple[ResultRow, RawItem]] = []
            for row, item in whole:
                if names := list(_other_columns(row, item)):
                    answers.append(refused(row, columns_differ(names)))
                else:
                    fitting.append((row, item))
            answers.extend(await self._record_rows(kind, fitting))
        self._hook(Failpoint.TABLE_RESULTS_RECORDED)
        if answers:
            await self._tables.answer(answers, self._now())
            self._hook(Failpoint.TABLE_RESULTS_MARKED)
        return answers

    def _whole(self, row: ResultRow) -> tuple[ResultRow, RawItem] | None:
        """Return a row with what it holds, None while the rest of it is waited for."""
        item = read_single_item(row.payload)
        if is_half_written(item) and self.half_written.waits(row.result_id):
            return None
        return row, item

    async def _record_rows(
        self, kind: ResultKind, rows: Sequence[tuple[ResultRow, RawItem]]
    ) -> list[RowAnswer]:
        if not rows:
            return []
        answers = await self._record[kind]([item for _, item in rows])
        found = (answer_of(row, answer) for (row, _), answer in zip(rows, answers, strict=True))
        return [one for one in found if one is not None]


def _other_columns(row: ResultRow, item: RawItem) -> Iterator[str]:
    """Yield the key columns that differ from the payload; one that cannot be read is refused so."""
    said = None if item.error is not None else orjson.loads(item.content)
    if isinstance(said, dict):
        yield from differing_columns(row, said)
