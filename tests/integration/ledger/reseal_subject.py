"""A process that seals rows again and is killed at a failpoint; for test_key_rotation."""

import asyncio
import os
import signal
import sys

from gateway.adapters.ledger.store import open_ledger
from gateway.flows.failpoints import Failpoint
from storage.sealing import Sealer
from tests.builders.ledger import AT
from tests.integration.ledger.test_key_rotation import NEW, reseal_all


async def main(url: str, at: str, nth: str) -> None:
    """Seal the rows of the ledger at `url` again; die at the nth passing of failpoint `at`."""
    passings = 0

    def die(passed: Failpoint) -> None:
        nonlocal passings
        passings += passed.value == at
        if passings == int(nth):
            os.kill(os.getpid(), signal.SIGKILL)

    store = open_ledger(url, sealer=Sealer(NEW), now=lambda: AT)
    await reseal_all(store, die)
    await store.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
