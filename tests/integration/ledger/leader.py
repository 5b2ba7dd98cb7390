"""A process that becomes the leader, says so, and leads until it is killed."""

import asyncio
import sys
from datetime import timedelta

from gateway.adapters.ledger.store import open_ledger
from tests.builders.ledger import AT, a_sealer


async def main(url: str) -> None:
    """Take the lease for a minute and wait."""
    store = open_ledger(url, sealer=a_sealer(), now=lambda: AT)
    lease = await store.transact(
        lambda ledger: ledger.leadership.acquire(
            "work", holder="killed", now=AT, length=timedelta(minutes=1)
        )
    )
    print("leads" if lease else "stands by", flush=True)
    await asyncio.to_thread(sys.stdin.readline)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
