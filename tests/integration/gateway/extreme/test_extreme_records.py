"""Extreme but lawful records pass a real gateway unaltered, and are no more than text anywhere.

A scripted portal and two agencies, over signed HTTP, on both stores. A few in the suite;
`make fuzz RECORDS=5000` for more, `SEED=…` to see the same again.
"""

import asyncio
import io
import os
import sys
from pathlib import Path
from random import Random
from typing import Final

import orjson
import pytest

from tests.builders.records import application_json
from tests.integration.gateway.extreme.batch import ExtremeBatch, an_extreme_batch
from tests.integration.gateway.extreme.views import Shown
from tests.integration.gateway.extreme.way import Way
from tests.integration.gateway.harness import AGENCIES, a_harness
from tests.integration.gateway.hostile.test_hostile_peers import (
    LONGEST_BLOCK_S,
    MAX_GROWTH_KIB,
    all_logs,
    measured,
    memory_kib,
)
from tests.support.canaries import scan
from tests.support.stack import Stack, make_stack
from tests.support.until import PATIENCE_S

RECORDS: Final = int(os.environ.get("DUIJIE_FUZZ_RECORDS", "60"))
SEED: Final = os.environ.get("DUIJIE_FUZZ_SEED", "7")
_BATCH: Final = 60
_SHOW_EVERY: Final = 600
_NEVER: Final = ("request.failed", "loop.failed", "gateway.failed", "row.unreadable")


@pytest.fixture(params=["sqlite", "postgresql"])
def stack(request: pytest.FixtureRequest, tmp_path: Path) -> Stack:
    """Give the keys and settings of a gateway over each of the two databases."""
    if request.param == "sqlite":
        return make_stack(tmp_path, AGENCIES)
    return make_stack(tmp_path, AGENCIES, store=request.getfixturevalue("make_ledger_database")())


async def test_extreme_records_pass_unaltered_and_are_text_wherever_they_are_shown(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = Random(f"{SEED}-extreme")  # noqa: S311 -- to be repeated, not secret
    logged = io.StringIO()
    numbers: set[str] = set()
    growth = 0
    with all_logs(logged):
        async with a_harness(stack) as harness:
            way, shown, usage = Way(harness, chance), Shown(harness), memory_kib()
            async with measured() as longest_block_s:
                for begin in range(0, RECORDS, _BATCH):
                    end = min(begin + _BATCH, RECORDS)
                    batch = await asyncio.to_thread(an_extreme_batch, begin, end, chance)
                    await there_and_shown(way, shown, batch)
                    if begin == 0:
                        await shown.commands(stack.gateway_file, [*batch.held][:3])
                    await asyncio.to_thread(check_written, way, shown, logged)
                    numbers |= {*batch.lawful, *batch.spoiled}
                    growth = max(growth, memory_kib() - usage)
                    show(capsys, end, longest_block_s(), growth)
                assert await shown.whole_list() == numbers
            assert longest_block_s() <= LONGEST_BLOCK_S
            await still_works(way)
    assert growth <= MAX_GROWTH_KIB


async def there_and_shown(way: Way, shown: Shown, batch: ExtremeBatch) -> None:
    """Take a batch there and back, and ask for everything that is shown of it."""
    async with asyncio.timeout(PATIENCE_S):
        given = await way.go(batch)
        await shown.pages(batch)
        await shown.views(way, batch, {number: agency for number, (_, agency) in given.items()})
        await shown.health()


def check_written(way: Way, shown: Shown, logged: io.StringIO) -> None:
    """Fail if a personal value stands in what was written or shown; forget what was looked at."""
    lines = logged.getvalue()
    logged.seek(0)
    logged.truncate()
    for line in lines.splitlines():
        assert {"at", "level", "event"} <= orjson.loads(line).keys()
    assert not [event for event in _NEVER if f'"event":"{event}"' in lines]
    assert 'status="5' not in shown.texts["/metrics"]
    texts = {where: text.encode() for where, text in shown.texts.items()}
    answers = b"".join(way.answers)
    assert scan({**texts, "log": lines.encode(), "answers": answers}) == []
    shown.texts.clear()
    way.forget()


async def still_works(way: Way) -> None:
    """A plain application goes the whole way: every loop is alive."""
    batch = ExtremeBatch(
        routed={"SY-AFTER": application_json(application_no="SY-AFTER")},
        held={},
        contradicting={},
        spoiled={},
        withdrawn=frozenset(),
        corrected=frozenset(),
    )
    await way.go(batch)


def show(capsys: pytest.CaptureFixture[str], count: int, block_s: float, growth_kib: int) -> None:
    """Print how far a long run is, past what pytest captures."""
    if RECORDS < _SHOW_EVERY or count % _SHOW_EVERY >= _BATCH:
        return
    with capsys.disabled():
        sys.stdout.write(
            f"\n{count}/{RECORDS} records, seed {SEED}: "
            f"blocked {block_s * 1000:.0f} ms, +{growth_kib >> 10} MiB\n"
        )
