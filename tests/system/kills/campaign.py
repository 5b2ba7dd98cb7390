"""随机杀: a gateway killed from outside, again and again, at moments drawn from a seed.

    python -m tests.system.kills.campaign --kills 60 --seed 7 --store sqlite

People file all the time, so each life meets new applications beside what the dead have left. Prints
one line of evidence as JSON; ends 1 if anything was lost, doubled or altered.
"""

import argparse
import asyncio
import json
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from random import Random
from typing import Final

from tests.support import postgres
from tests.system.kills.checker import Report, check, read_transcript
from tests.system.kills.fork_server import ForkServer, a_fork_server
from tests.system.kills.harness import KillHarness, a_kill_harness
from tests.system.kills.load import Load
from tests.system.kills.subject import KillSpec
from tests.system.kills.timing import outlive_leases
from tests.system.kills.transcript import transcribe

LIFE_S: Final = (0.1, 0.7)
"""From a death while starting to one in the middle of work."""
PAUSE_S: Final = (0.01, 0.1)
"""Between two waves of applications, as long as the gateway lives."""
CORRECTS_EVERY: Final = 4
SQLITE: Final = "sqlite:///gateway.db"

FileWave = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one campaign saw; `last_steps` counts the deaths by the last step that was passed."""

    seed: int
    kills: int
    last_steps: dict[str, int]
    report: Report


@dataclass(frozen=True, slots=True)
class _Life:
    """How long a gateway lives, and what happens meanwhile."""

    seconds: float
    file_wave: FileWave
    pauses: Random


async def campaign(
    harness: KillHarness, fork_server: ForkServer, *, kills: int, seed: int
) -> Evidence:
    """Kill `kills` gateways one after another on one store, let another finish, and check."""
    moments = Random(seed)  # noqa: S311 - moments of death, no secret
    pauses = Random(seed + 1)  # noqa: S311 - rhythm of filing, no secret
    load = Load(harness.simulator, harness.clock)
    last_steps: Counter[str] = Counter()
    async with asyncio.TaskGroup() as people:
        file_wave = partial(load.file_wave, people, corrects_every=CORRECTS_EVERY)
        for _ in range(kills):
            life = _Life(moments.uniform(*LIFE_S), file_wave, pauses)
            last_steps[await _live(harness, fork_server, life)] += 1
            outlive_leases(harness.clock)
        load.close()
        await harness.finish(load)
    report = check(read_transcript(await transcribe(harness.simulator, load)))
    return Evidence(seed, kills, dict(last_steps.most_common()), report)


async def _live(harness: KillHarness, fork_server: ForkServer, life: _Life) -> str:
    """Let one gateway live for a while, under load; kill it, return the last step it passed.

    Raises:
        RuntimeError: It ended before it was killed.
    """
    ahead_s = harness.clock.ahead.total_seconds()
    subject = await fork_server.spawn(KillSpec(harness.config, ahead_s=ahead_s, announces=True))
    dying = asyncio.create_task(subject.death())
    dies_at = time.monotonic() + life.seconds
    while (left_s := dies_at - time.monotonic()) > 0 and not dying.done():
        await life.file_wave()
        await asyncio.wait([dying], timeout=min(left_s, life.pauses.uniform(*PAUSE_S)))
    subject.kill(signal.SIGKILL)
    death = await dying
    if death.code != -signal.SIGKILL:
        raise RuntimeError(f"the gateway ended by itself with {death.code}")
    return death.passed or "none"


@contextmanager
def a_store(kind: str) -> Iterator[str]:
    """Give the address of an empty store."""
    if kind == "sqlite":
        yield SQLITE
        return
    with postgres.any_server() as server:
        if server is None:
            raise SystemExit(f"PostgreSQL: {postgres.CURE}")
        address = server.create()
        try:
            yield address
        finally:
            server.drop(address)


async def _run(folder: Path, store: str, kills: int, seed: int) -> Evidence:
    async with (
        a_fork_server(folder / "subjects.log") as fork_server,
        a_kill_harness(folder, store) as harness,
    ):
        return await campaign(harness, fork_server, kills=kills, seed=seed)


def main() -> int:
    """Run one campaign and print its evidence."""
    parser = argparse.ArgumentParser(prog="python -m tests.system.kills.campaign")
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--store", choices=("sqlite", "postgresql"), default="sqlite")
    wanted = parser.parse_args()
    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="duijie-kills-") as name,
        a_store(wanted.store) as store,
    ):
        evidence = asyncio.run(_run(Path(name), store, wanted.kills, wanted.seed))
    took_s = round(time.monotonic() - began, 1)
    print(json.dumps({"store": wanted.store, "seconds": took_s} | asdict(evidence)))
    return 1 if evidence.report.findings else 0


if __name__ == "__main__":
    sys.exit(main())
