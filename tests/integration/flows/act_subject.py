"""A process in which an operator acts and that is killed by itself; for the kill tests of acts."""

import asyncio
import os
import signal
import sys

from gateway.adapters.ledger.store import open_ledger
from gateway.flows.failpoints import Failpoint
from tests.builders.ledger import a_sealer
from tests.integration.flows.desk import Desk
from tests.integration.flows.operator import ACTS
from tests.support.clock import SettableClock


async def main(url: str, at: str, act: str, *numbers: str) -> None:
    """Do `act` to the cases `numbers` of the ledger at `url`, and die at failpoint `at`."""

    def die(passed: Failpoint) -> None:
        if passed.value == at:
            os.kill(os.getpid(), signal.SIGKILL)

    clock = SettableClock()
    desk = Desk(open_ledger(url, sealer=a_sealer(), now=clock), clock)
    await ACTS[act](desk, *numbers, hook=die)
    await desk.store.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
