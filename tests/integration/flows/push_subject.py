"""A process that takes a push over and is killed by itself at a failpoint; for its kill test."""

import asyncio
import os
import signal
import sys

from gateway.adapters.ledger.store import open_ledger
from gateway.flows.failpoints import Failpoint
from gateway.flows.pushed_page import record_pushed
from schemas.records.strict_json import RawItem
from tests.builders.ledger import a_sealer
from tests.builders.records import rules
from tests.support.clock import SettableClock


async def main(url: str, at: str, *items: str) -> None:
    """Take what is pushed over into the ledger at `url`, and die at failpoint `at`."""

    def die(passed: Failpoint) -> None:
        if passed.value == at:
            os.kill(os.getpid(), signal.SIGKILL)

    clock = SettableClock()
    store = open_ledger(url, sealer=a_sealer(), now=clock)
    raws = [RawItem(one.encode()) for one in items]
    await record_pushed(raws, store=store, rules=rules(), now=clock, hook=die)
    await store.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
