"""停电: the power fails under a gateway, again and again: what was not flushed is gone.

    python -m tests.system.kills.power_cuts --cuts 50 --seed 7

The ledger lies on an ext4 file system in an image file, mounted by a loop device, as root. At the
moment of a cut the gateway is stopped, the image is copied as it is, the gateway is killed, and the
copy is mounted in the place of the image: what only the page cache of the file system knew is not
in it, as after a power cut. A probe file, written but not flushed before the copy, must be gone
each time, or the cut proved nothing. What this does not show: sectors torn in the middle, and a
disk that says «flushed» before it is true.
"""

import argparse
import asyncio
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from storage.urls import sqlite_url
from tests.system.kills.campaign import campaign
from tests.system.kills.evidence import Evidence, Recorder, in_rounds
from tests.system.kills.fork_server import ForkServer, Subject, a_fork_server
from tests.system.kills.harness import a_kill_harness
from tests.system.kills.progress import CampaignProgress

IMAGE_BYTES: Final = 256 << 20
LONGEST_S: Final = 3.0
"""Of a life: most cuts find the gateway at work."""
_OPTIONS: Final = "loop,noatime,commit=600"
"""The journal's own flush comes after ten minutes: what a cut loses is all that nobody flushed."""
_PROGRAMS: Final = ("mkfs.ext4", "mount", "umount")


class PowerCutUnavailable(RuntimeError):
    """This machine cannot mount an image; says what is missing."""


@dataclass(slots=True)
class Disk:
    """A file system in an image, mounted at `mounted`, that loses power when told to.

    `cuts` counts the times, `forgotten` those of which the disk forgot what was not flushed.
    """

    image: Path
    mounted: Path
    cuts: int = 0
    forgotten: int = 0

    @property
    def ledger(self) -> Path:
        """Where the ledger is."""
        return self.mounted / "gateway.db"

    def fail_under(self, subject: Subject) -> None:
        """Cut the power while a gateway runs, and turn it on again.

        Raises:
            RuntimeError: The file system, or the ledger on it, did not survive.
        """
        subject.stop()
        # Only now: a flush of the gateway's own takes the names of all new files along.
        probe = self.mounted / f"unflushed-{self.cuts}"
        probe.write_bytes(b"never flushed")
        copy = self.image.with_suffix(".after")
        _run("cp", "--sparse=always", str(self.image), str(copy))
        subject.kill(signal.SIGKILL)
        subject.wait_until_gone()
        _run("umount", str(self.mounted))
        copy.replace(self.image)
        mount(self.image, self.mounted)
        self.cuts += 1
        self.forgotten += not probe.exists()
        self._check()

    def _check(self) -> None:
        if not self.ledger.exists():
            return  # cut before the first flush
        with closing(sqlite3.connect(self.ledger)) as connection:
            (found,) = connection.execute("PRAGMA integrity_check").fetchone()
        if found != "ok":
            raise RuntimeError(f"the ledger is damaged after cut {self.cuts}: {found}")


@contextmanager
def a_disk(folder: Path) -> Iterator[Disk]:
    """Give a disk with an empty file system, and take it away.

    Raises:
        PowerCutUnavailable: Not root, or the programs or loop devices are missing.
    """
    if os.geteuid() != 0:
        raise PowerCutUnavailable("mounting an image needs root")
    if missing := [name for name in _PROGRAMS if shutil.which(name) is None]:
        raise PowerCutUnavailable(f"missing programs: {', '.join(missing)}")
    disk = Disk(folder / "disk.img", folder / "disk")
    with disk.image.open("wb") as file:
        file.truncate(IMAGE_BYTES)
    disk.mounted.mkdir()
    _run("mkfs.ext4", "-q", "-F", str(disk.image))
    try:
        mount(disk.image, disk.mounted)
    except RuntimeError as exc:
        raise PowerCutUnavailable(str(exc)) from exc
    try:
        yield disk
    finally:
        _run("umount", str(disk.mounted))


def mount(image: Path, at: Path) -> None:
    """Mount an image, whose journal is replayed as after a power cut."""
    _run("mount", "-o", _OPTIONS, str(image), str(at))


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")


async def cut_power(
    folder: Path,
    disk: Disk,
    fork_server: ForkServer,
    *,
    cuts: int,
    seed: int,
    progress: CampaignProgress | None = None,
) -> Evidence:
    """Cut the power of `cuts` gateways one after another, let another finish, and check."""
    async with a_kill_harness(folder, sqlite_url(disk.ledger)) as harness:
        return await campaign(
            harness,
            fork_server,
            kills=cuts,
            seed=seed,
            longest_s=LONGEST_S,
            progress=progress,
            end=disk.fail_under,
        )


async def _round(
    disk: Disk, folder: Path, *, cuts: int, seed: int, progress: CampaignProgress
) -> Evidence:
    async with a_fork_server(folder / "subjects.log") as fork_server:
        return await cut_power(folder, disk, fork_server, cuts=cuts, seed=seed, progress=progress)


def main() -> int:
    """Run one campaign and print its evidence."""
    parser = argparse.ArgumentParser(prog="python -m tests.system.kills.power_cuts")
    parser.add_argument("--cuts", type=int, default=50)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--evidence", type=Path, help="a file for the evidence, kept after a round")
    wanted = parser.parse_args()
    progress = CampaignProgress(wanted.cuts, "power cuts")
    with Recorder({"campaign": "power cuts", "store": "sqlite"}, wanted.evidence) as recorder:
        for number, cuts in in_rounds(wanted.cuts):
            with (
                tempfile.TemporaryDirectory(prefix="duijie-power-") as name,
                a_disk(Path(name)) as disk,
            ):
                seed = wanted.seed + 2 * number
                run = _round(disk, Path(name), cuts=cuts, seed=seed, progress=progress)
                recorder.add(asyncio.run(run), cuts=disk.cuts, forgotten=disk.forgotten)
    return recorder.exit_code


if __name__ == "__main__":
    sys.exit(main())
