"""A process that sends parked messages again and is killed at a failpoint; for test_resend."""

import asyncio
import os
import signal
import sys

from gateway.adapters.ledger.store import open_ledger
from gateway.flows.failpoints import Failpoint
from gateway.flows.resend import ResendRequest, resend
from tests.builders.ledger import a_sealer
from tests.support.clock import SettableClock


async def main(url: str, at: str, *numbers: str) -> None:
    """Send what is parked for the cases `numbers` again, and die at failpoint `at`."""

    def die(passed: Failpoint) -> None:
        if passed.value == at:
            os.kill(os.getpid(), signal.SIGKILL)

    clock = SettableClock()
    store = open_ledger(url, sealer=a_sealer(), now=clock)
    await resend(ResendRequest(numbers), operator="李敏", store=store, now=clock, hook=die)
    await store.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
