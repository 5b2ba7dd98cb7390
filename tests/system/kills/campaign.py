"""随机杀: a gateway killed from outside, again and again, at moments drawn from a seed.

    python -m tests.system.kills.campaign --kills 500 --seed 7 --store sqlite

People file all the time and come to an agency's counter, agencies give dispatches back, and the
operators' system gives cases to other agencies: each life meets that beside what the dead have
left. Prints one line of evidence as JSON; ends 1 if anything was lost, doubled or altered. A long
campaign is run in rounds, each on an empty store, so that what national side and agencies
remember, and the transcript, stay small.
"""

import argparse
import asyncio
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
from tests.system.kills.checker import check
from tests.system.kills.evidence import Evidence, Recorder, in_rounds
from tests.system.kills.fork_server import ForkServer, a_fork_server
from tests.system.kills.harness import KillHarness, a_kill_harness
from tests.system.kills.lives import LIFE_S, Ending, Life, kill, live
from tests.system.kills.load import Load
from tests.system.kills.progress import CampaignProgress
from tests.system.kills.timing import outlive_leases
from tests.system.kills.transcript import transcribe
from tests.system.kills.transcript_shape import read_transcript

CORRECTS_EVERY: Final = 4
SQLITE: Final = "sqlite:///gateway.db"


async def campaign(
    harness: KillHarness,
    fork_server: ForkServer,
    *,
    kills: int,
    seed: int,
    longest_s: float = LIFE_S[1],
    progress: CampaignProgress | None = None,
    end: Ending = kill,
) -> Evidence:
    """End `kills` gateways one after another on one store, let another finish, and check.

    Each lives for at most `longest_s` seconds.
    """
    moments = Random(seed)  # noqa: S311 - moments of death, no secret
    pauses = Random(seed + 1)  # noqa: S311 - rhythm of filing, no secret
    desk = harness.desk()
    load = Load(harness.simulator, harness.clock, desk)
    last_steps: Counter[str] = Counter()
    async with asyncio.TaskGroup() as people:
        people.create_task(desk.work(load.is_over))
        people.create_task(load.counter.work(load.is_over))
        file_wave = partial(load.file_wave, people, corrects_every=CORRECTS_EVERY)
        for _ in range(kills):
            life = Life(moments.uniform(LIFE_S[0], longest_s), file_wave, pauses)
            last_steps[await live(harness, fork_server, life, end)] += 1
            outlive_leases(harness.clock)
            if progress is not None:
                progress.step()
        load.close()
        await harness.finish(load)
    report = check(read_transcript(await transcribe(harness.simulator, load)))
    return Evidence(seed, kills, dict(last_steps.most_common()), report)


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


async def _round(
    store: str, *, kills: int, seed: int, longest_s: float, progress: CampaignProgress
) -> Evidence:
    with tempfile.TemporaryDirectory(prefix="duijie-kills-") as name:
        folder = Path(name)
        async with (
            a_fork_server(folder / "subjects.log") as fork_server,
            a_kill_harness(folder, store, hesitant=True) as harness,
        ):
            return await campaign(
                harness,
                fork_server,
                kills=kills,
                seed=seed,
                longest_s=longest_s,
                progress=progress,
            )


def main() -> int:
    """Run one campaign and print its evidence."""
    parser = argparse.ArgumentParser(prog="python -m tests.system.kills.campaign")
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--store", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--longest-life-s", type=float, default=LIFE_S[1])
    parser.add_argument("--evidence", type=Path, help="a file for the evidence, kept after a round")
    wanted = parser.parse_args()
    progress = CampaignProgress(wanted.kills, "kills")
    with Recorder({"campaign": "kills", "store": wanted.store}, wanted.evidence) as recorder:
        for number, kills in in_rounds(wanted.kills):
            with a_store(wanted.store) as store:
                seed = wanted.seed + 2 * number  # each round draws from two seeds
                run = _round(
                    store,
                    kills=kills,
                    seed=seed,
                    longest_s=wanted.longest_life_s,
                    progress=progress,
                )
                recorder.add(asyncio.run(run))
    return recorder.exit_code


if __name__ == "__main__":
    sys.exit(main())
