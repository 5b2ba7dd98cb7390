"""A process that takes returns back and is killed by itself at a failpoint; for its kill test."""

import asyncio
import os
import signal
import sys

from gateway.adapters.ledger.store import open_ledger
from gateway.flows.dispatch_return import record_returns
from gateway.flows.failpoints import Failpoint
from schemas.records.strict_json import RawItem
from tests.builders.ledger import a_sealer
from tests.builders.records import JINSHUI
from tests.support.clock import SettableClock


async def main(url: str, at: str, *returns: str) -> None:
    """Take back in the ledger at `url` what 金水区 returns, and die at failpoint `at`."""

    def die(passed: Failpoint) -> None:
        if passed.value == at:
            os.kill(os.getpid(), signal.SIGKILL)

    clock = SettableClock()
    store = open_ledger(url, sealer=a_sealer(), now=clock)
    items = [RawItem(one.encode()) for one in returns]
    await record_returns(items, sender=JINSHUI, store=store, now=clock, hook=die)
    await store.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
