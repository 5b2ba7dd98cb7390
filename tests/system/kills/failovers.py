"""主备切换: the primary under a gateway dies, and its synchronous standby takes over.

    python -m tests.system.kills.failovers --failovers 20 --seed 7

The gateway goes on living, its connections cut in the middle of whatever they did: a commit whose
answer was lost is unknown to it. Now and then it is killed as well, at the same moment. In the end
another gateway finishes, and the checker looks at the whole.
"""

import argparse
import asyncio
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from random import Random
from typing import Final

from tests.support import postgres
from tests.system.kills.campaign import CORRECTS_EVERY
from tests.system.kills.checker import check
from tests.system.kills.evidence import Evidence, Recorder
from tests.system.kills.fork_server import ForkServer, Subject, a_fork_server
from tests.system.kills.harness import KillHarness, a_kill_harness
from tests.system.kills.lives import FileWave
from tests.system.kills.load import Load
from tests.system.kills.progress import CampaignProgress
from tests.system.kills.replicated import ReplicatedServer
from tests.system.kills.subject import KillSpec
from tests.system.kills.timing import outlive_leases
from tests.system.kills.transcript import transcribe
from tests.system.kills.transcript_shape import read_transcript

WORK_S: Final = (0.5, 3.0)
"""How long the gateway works between two failovers."""
PAUSE_S: Final = (0.1, 0.5)
"""Between two waves of applications: people do not stop filing while nothing can be stored."""
LONGEST_BACKOFF_MIN: Final = 61
"""What the last gateway need not wait for: no retry is put off for more than an hour."""
DIES_EVERY: Final = 5
"""At every so many failovers the gateway dies with the primary."""


class _Gateways:
    """The gateway of the moment, and how those before it ended."""

    def __init__(self, harness: KillHarness, fork_server: ForkServer) -> None:
        self._harness, self._fork_server = harness, fork_server
        self._subject: Subject | None = None
        self._dying: asyncio.Task[None] | None = None
        self.last_steps: Counter[str] = Counter()
        self.gave_up = 0

    async def ensure(self) -> None:
        """Start a gateway unless one lives."""
        if self._dying is not None and not self._dying.done():
            return
        ahead_s = self._harness.clock.ahead.total_seconds()
        spec = KillSpec(self._harness.config, ahead_s=ahead_s, announces=True)
        self._subject = await self._fork_server.spawn(spec)
        self._dying = asyncio.create_task(self._note_death(self._subject))

    async def kill(self) -> None:
        """Kill the one that lives, if one does."""
        if self._dying is None or self._subject is None:
            return
        if not self._dying.done():
            self._subject.kill(signal.SIGKILL)
        await self._dying
        outlive_leases(self._harness.clock)

    async def _note_death(self, subject: Subject) -> None:
        death = await subject.death()
        self.last_steps[death.passed or "none"] += 1
        self.gave_up += death.code != -signal.SIGKILL


async def fail_over(
    harness: KillHarness,
    fork_server: ForkServer,
    servers: ReplicatedServer,
    *,
    failovers: int,
    seed: int,
    progress: CampaignProgress | None = None,
) -> tuple[Evidence, int]:
    """Let the primary die `failovers` times under load, another gateway finish, and check.

    Returns the evidence and how many gateways gave up by themselves.
    """
    moments = Random(seed)  # noqa: S311 - moments of failovers, no secret
    load, gateways = Load(harness.simulator, harness.clock), _Gateways(harness, fork_server)
    async with asyncio.TaskGroup() as people:
        file_wave = partial(load.file_wave, people, corrects_every=CORRECTS_EVERY)
        for number in range(1, failovers + 1):
            await gateways.ensure()
            async with asyncio.TaskGroup() as meanwhile:
                working = meanwhile.create_task(_keep_filing(file_wave, moments))
                await asyncio.sleep(moments.uniform(*WORK_S))
                if number % DIES_EVERY == 0:
                    await gateways.kill()
                await asyncio.to_thread(servers.fail_over)
                working.cancel()
            if progress is not None:
                progress.step()
        await gateways.kill()
        harness.clock.forward(minutes=LONGEST_BACKOFF_MIN)
        load.close()
        await harness.finish(load)
    report = check(read_transcript(await transcribe(harness.simulator, load)))
    steps = dict(gateways.last_steps.most_common())
    return Evidence(seed, failovers // DIES_EVERY + 1, steps, report), gateways.gave_up


async def _keep_filing(file_wave: FileWave, moments: Random) -> None:
    while True:
        await file_wave()
        await asyncio.sleep(moments.uniform(*PAUSE_S))


class ServersAbsent(SystemExit):
    """There are no binaries of PostgreSQL on this machine."""


@contextmanager
def replicated_servers() -> Iterator[ReplicatedServer]:
    """Run the two servers from whatever binaries can be had.

    Raises:
        ServersAbsent: There are none.
    """
    if folder := postgres.installed_binaries():
        with ReplicatedServer.running(folder) as servers:
            yield servers
        return
    with postgres.wheel_binaries() as unpacked:
        if unpacked is None:
            raise ServersAbsent(f"PostgreSQL: {postgres.CURE}")
        with ReplicatedServer.running(unpacked) as servers:
            yield servers


async def _run(
    folder: Path, servers: ReplicatedServer, failovers: int, seed: int
) -> tuple[Evidence, int]:
    async with (
        a_fork_server(folder / "subjects.log") as fork_server,
        a_kill_harness(folder, servers.url) as harness,
    ):
        return await fail_over(
            harness,
            fork_server,
            servers,
            failovers=failovers,
            seed=seed,
            progress=CampaignProgress(failovers, "failovers"),
        )


def main() -> int:
    """Run one campaign and print its evidence."""
    parser = argparse.ArgumentParser(prog="python -m tests.system.kills.failovers")
    parser.add_argument("--failovers", type=int, default=20)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--evidence", type=Path, help="a file for the evidence")
    wanted = parser.parse_args()
    with (
        Recorder({"campaign": "failovers", "store": "postgresql"}, wanted.evidence) as recorder,
        tempfile.TemporaryDirectory(prefix="duijie-failovers-") as name,
        replicated_servers() as servers,
    ):
        run = _run(Path(name), servers, wanted.failovers, wanted.seed)
        evidence, gave_up = asyncio.run(run)
        recorder.add(evidence, failovers=servers.failovers, gave_up=gave_up)
    return recorder.exit_code


if __name__ == "__main__":
    sys.exit(main())
