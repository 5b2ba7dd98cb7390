"""A process that releases held cases and is killed by itself at a failpoint; for test_release."""

import asyncio
import os
import signal
import sys

from gateway.adapters.ledger.store import open_ledger
from gateway.flows.failpoints import Failpoint
from gateway.flows.release import release_held
from tests.builders.ledger import a_sealer
from tests.builders.records import rules
from tests.support.clock import SettableClock


async def main(url: str, at: str, *numbers: str) -> None:
    """Release the cases `numbers` of the ledger at `url`, and die at failpoint `at`."""

    def die(passed: Failpoint) -> None:
        if passed.value == at:
            os.kill(os.getpid(), signal.SIGKILL)

    clock = SettableClock()
    store = open_ledger(url, sealer=a_sealer(), now=clock)
    await release_held(numbers, operator="李敏", store=store, rules=rules(), now=clock, hook=die)
    await store.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
