"""B2 的上限: a bare handler that verifies, validates, seals, inserts in groups, and answers.

It inserts the rows that the gateway inserts, nonce included, into the same tables; it reads and
changes no case, keeps no metrics and no log, and its answer is fixed and unsigned.

`python -m bench.limit_server KEY_FILE LEDGER_KEYS DATABASE PORT` serves until it is ended.
"""

import asyncio
import queue
import sys
import threading
from pathlib import Path
from typing import Final

from aiohttp import web

from bench.bare_ledger import BareLedger, OutcomeRow
from gateway.jobs.garbage_collection import settle_memory
from portable.event_loop import run_loop
from schemas.records.outcomes import OutcomeBatch
from schemas.reference.clock import utc_now
from schemas.signing import Link, Target, Window, read_key_file, verify_request
from storage.sealing import Sealer
from storage.sealing_keys import load_sealer

_ANSWER: Final = b'{"results":[{"status":"accepted"}]}'
_GROUP: Final = 256
Item = tuple[OutcomeRow, "asyncio.Future[None]"]


class _Writer:
    """One thread that inserts whatever waits and commits once."""

    def __init__(self, path: Path, sealer: Sealer) -> None:
        self._items: queue.SimpleQueue[Item] = queue.SimpleQueue()
        self._path, self._sealer = path, sealer
        self._loop = asyncio.get_running_loop()
        threading.Thread(target=self._run, daemon=True).start()

    async def insert(self, row: OutcomeRow) -> None:
        """Return once the rows are on disk."""
        done: asyncio.Future[None] = self._loop.create_future()
        self._items.put((row, done))
        await done

    def _run(self) -> None:
        ledger = BareLedger(self._path, self._sealer)
        while True:
            group = [self._items.get()]
            while len(group) < _GROUP and not self._items.empty():
                group.append(self._items.get())
            ledger.insert_outcomes([row for row, _ in group], utc_now())
            self._loop.call_soon_threadsafe(_answer, [done for _, done in group])


def _answer(waiting: list["asyncio.Future[None]"]) -> None:
    for one in waiting:
        one.set_result(None)


async def _serve(key_file: Path, ledger_keys: Path, database: Path, port: int) -> None:
    key = read_key_file(key_file)
    links, window = {key.key_id: Link(key, key)}, Window()
    writer = _Writer(database, load_sealer(ledger_keys))

    async def take(request: web.Request) -> web.Response:
        body = await request.read()
        proven = verify_request(
            links,
            Target.received(request.method, request.host, request.raw_path),
            request.headers,
            body,
            now=utc_now(),
            window=window,
        )
        outcome = OutcomeBatch.read(body).outcomes[0]
        await writer.insert(
            OutcomeRow(proven.key_id, proven.nonce, proven.expires, outcome.key, body)
        )
        return web.Response(body=_ANSWER, content_type="application/json")

    async def ready(_: web.Request) -> web.Response:
        return web.Response()

    app = web.Application()
    app.router.add_post("/agency/v1/outcomes", take)
    app.router.add_get("/readyz", ready)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port, backlog=1024).start()
    await asyncio.Event().wait()


def main(arguments: list[str]) -> None:
    """Serve until ended."""
    key_file, ledger_keys, database = (Path(word) for word in arguments[:3])
    settle_memory()  # as the gateway's process does
    run_loop(_serve(key_file, ledger_keys, database, int(arguments[3])))


if __name__ == "__main__":
    main(sys.argv[1:])
