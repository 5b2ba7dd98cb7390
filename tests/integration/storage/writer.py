"""A process of its own that writes cases: `writer.py URL [LIMIT]`; prints each key once stored.

With a limit (bytes a file may have) the disk fails under it; then it prints what the store said.
"""

import asyncio
import resource
import signal
import sys
from collections.abc import Callable

from gateway.adapters.ledger.store import LedgerStore, open_ledger
from gateway.ports.ledger import Ledger
from storage.errors import StorageError, StoreUnavailable
from tests.builders.ledger import AT, a_sealer, an_opening


async def write(url: str) -> None:
    broken: asyncio.Queue[str] = asyncio.Queue()
    store = open_ledger(url, sealer=a_sealer(), now=lambda: AT, on_broken=broken.put_nowait)
    try:
        await asyncio.gather(*(write_on(store, lane) for lane in range(8)))
    except StoreUnavailable:
        print("broken:", await asyncio.wait_for(broken.get(), 10), flush=True)
        await show_refusal(store)
    await store.close()


async def write_on(store: LedgerStore, lane: int) -> None:
    for number in range(1_000_000):
        key = f"SQ-{lane}-{number}"
        await store.transact(opening(key))
        print(key, flush=True)


def opening(key: str) -> Callable[[Ledger], None]:
    return lambda ledger: ledger.cases.open([an_opening(key)])


async def show_refusal(store: LedgerStore) -> None:
    try:
        await store.probe_write()
    except StoreUnavailable as refused:
        print("refused:", refused, flush=True)


def main() -> None:
    if len(sys.argv) > 2:
        limit = int(sys.argv[2])
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    try:
        asyncio.run(write(sys.argv[1]))
    except StorageError as refused:
        sys.exit(f"{type(refused).__name__}: {refused}")


if __name__ == "__main__":
    main()
