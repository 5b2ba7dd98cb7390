"""Writing heads (写进度文件): now and then, what an open file holds is stamped and written down."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from typing import cast

from schemas.reasons.quotations import quote_system
from storage.errors import StoreUnavailable
from storage.reasons import StoreReason
from storage.sqlite.head_file import Head
from storage.sqlite.stamps import Stamps
from storage.work import Counts

RunDurably = Callable[[Callable[[sqlite3.Connection], Head]], Awaitable[object]]
"""Runs a piece of work in the next batch, and answers when it is flushed to disk."""


class HeadWriter:
    """Writes the heads of one open file, one at a time; `counts` is what its store committed."""

    def __init__(self, stamps: Stamps, counts: Counts, run: RunDurably) -> None:
        self._stamps, self._counts, self._run = stamps, counts, run
        self._batches_at_head = 0
        self._writing = asyncio.Lock()

    async def write(self) -> bool:
        """Stamp the file and write that down beside it; see `Store.write_head`.

        Raises:
            StoreUnavailable: It could not be written; the head before stands.
        """
        if self._stamps.is_even and self._counts.batches == self._batches_at_head:
            return False
        async with self._writing:
            is_first = self._stamps.is_new
            head = await self._run(self._stamp)
            try:
                await asyncio.to_thread(self._stamps.write, cast("Head", head))
            except OSError as exc:
                raise StoreUnavailable(
                    StoreReason.HEAD_FAILED.at("sqlite", said=quote_system(exc))
                ) from exc
        return is_first

    def _stamp(self, connection: sqlite3.Connection) -> Head:
        self._batches_at_head = self._counts.batches + 1  # with the batch that this is a part of
        return self._stamps.make(connection)
