"""The servers that are fuzzed, as a program: `python -m tests.contract.fuzz.serving FOLDER`.

A process of its own, since Hypothesis must be the only one that draws random numbers in its own.
It prints one line of JSON once everything is up, and ends when its input is closed.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import orjson

from schemas.records.receipts import Acknowledgement
from schemas.signing import Suite
from simulator.app import Simulator
from tests.contract.docking_set import JIYUAN, a_docking_set, a_national_side
from tests.support.stack import PROVINCE, Connection

Described = dict[str, dict[str, str]]


async def main(folder: Path) -> None:
    """Serve until the input is closed."""
    async with serving(folder) as described:
        print(orjson.dumps(described).decode(), flush=True)
        await asyncio.to_thread(sys.stdin.read)


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[Described]:
    """Run a national side that nobody drains, and beside it the whole way to an agency.

    Where a request may be held open, something waits: no call lasts until the end of its wait.
    """
    for name in ("alone", "whole"):
        (folder / name).mkdir()
    async with AsyncExitStack() as closing:
        alone = a_national_side(folder / "alone")
        national, up = await closing.enter_async_context(alone)
        known = await _one_acknowledged(national)
        whole = a_docking_set(folder / "whole", Suite.HMAC_SHA256)
        here = await closing.enter_async_context(whole)
        await here.national.entry.file_people(2, seed=7, places=[JIYUAN])
        yield {
            "national": {**_described(up), "known": known},
            "province": _described(here.agency),
            "portal": _described(here.pushing),
            "agency": _described(here.pushed),
            "operator": _described(here.operators),
        }


async def _one_acknowledged(national: Simulator) -> str:
    """File two applications and acknowledge the first; return its number."""
    entry = national.entry
    await entry.file_people(2, seed=7, places=[JIYUAN])
    items, _ = entry.book.page(PROVINCE, 1)
    number = items[0].number
    assert number is not None
    said = Acknowledgement(application_no=number, kind="application", stored_at=entry.now())
    entry.book.acknowledge(PROVINCE, said)
    return number


def _described(connection: Connection) -> dict[str, str]:
    return {
        "base": connection.base,
        "ours": str(connection.caller.private),
        "theirs": str(connection.answerer.public),
    }


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
