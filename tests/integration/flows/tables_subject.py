"""A process that fetches tables, or decides on them, and is killed by itself at a failpoint."""

import asyncio
import os
import signal
import sys
from datetime import date

from gateway.adapters.ledger.store import open_ledger
from gateway.domain.table_editions import TableKind
from gateway.flows.failpoints import Failpoint
from gateway.flows.table_decision import DecisionRequest, decide_on_tables
from gateway.flows.table_fetch import fetch_tables
from tests.builders.ledger import a_sealer
from tests.builders.tables import codes_edition, second_codes
from tests.support.clock import SettableClock
from tests.support.tables import ScriptedTables


async def main(url: str, at: str, what: str) -> None:
    """Fetch `what`, or decide on the second code tables, in the ledger at `url`; die at `at`."""

    def die(passed: Failpoint) -> None:
        if passed.value == at:
            os.kill(os.getpid(), signal.SIGKILL)

    clock = SettableClock()
    store = open_ledger(url, sealer=a_sealer(), now=clock)
    if what == "decide":
        asked = DecisionRequest(codes_edition().ref, date(2026, 3, 2), "李敏", "部端通知", 0)
        await decide_on_tables(asked, store=store, now=clock, hook=die)
    else:
        source = ScriptedTables(second_codes())
        await fetch_tables(TableKind(what), source, store=store, now=clock, hook=die)
    await store.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
