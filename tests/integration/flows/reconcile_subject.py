"""A process that reconciles a day and is killed at a failpoint; for test_reconcile_kills."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

from gateway.adapters.ledger.store import open_ledger
from gateway.flows.failpoints import Failpoint
from schemas.records.statements import StatementEntry
from tests.builders.ledger import a_sealer
from tests.integration.flows.desk import Desk
from tests.integration.flows.reconciling import Reconciler
from tests.support.clock import SettableClock


async def main(url: str, at: str, nth: str, entries: list[StatementEntry]) -> None:
    """Compare the day with these entries, and die at the `nth` time at `at`."""
    left = int(nth)

    def die(passed: Failpoint) -> None:
        nonlocal left
        if passed.value == at:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    clock = SettableClock()
    clock.forward(hours=20)
    store = open_ledger(url, sealer=a_sealer(), now=clock)
    reconciler = Reconciler(Desk(store, clock), die)
    reconciler.statements.change = lambda _: entries
    reconciler.statements.a_part = 2
    await reconciler.run()
    await store.close()


def read_entries(path: str) -> list[StatementEntry]:
    """Return the entries in a file."""
    return [
        StatementEntry.model_validate_json(json.dumps(one), by_alias=True)
        for one in json.loads(Path(path).read_text("utf-8"))
    ]


if __name__ == "__main__":
    url, at, nth, stated = sys.argv[1:]
    asyncio.run(main(url, at, nth, read_entries(stated)))
