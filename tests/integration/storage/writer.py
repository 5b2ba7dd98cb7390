"""A process of its own that opens accounts: `writer.py URL [LIMIT]`; prints each once stored.

With a limit (bytes a file may have) the disk fails under it; then it prints what the store said.
"""

import asyncio
import resource
import signal
import sys
from functools import partial

from storage.errors import StorageError, StoreUnavailable
from storage.store import open_store
from tests.integration.storage.bank import BANK, Bank
from tests.integration.storage.conftest import BankStore


async def write(url: str) -> None:
    broken: asyncio.Queue[str] = asyncio.Queue()
    store = open_store(url, BANK, on_broken=broken.put_nowait)
    try:
        await asyncio.gather(*(write_on(store, row) for row in range(8)))
    except StoreUnavailable:
        print("broken:", await asyncio.wait_for(broken.get(), 10), flush=True)
        await show_refusal(store)
    await store.close()


async def write_on(store: BankStore, row: int) -> None:
    for number in range(1_000_000):
        name = f"A-{row}-{number}"
        await store.transact(partial(open_one, name=name))
        print(name, flush=True)


def open_one(bank: Bank, name: str) -> None:
    bank.open(name)
    bank.deposit(name, 1)


async def show_refusal(store: BankStore) -> None:
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
