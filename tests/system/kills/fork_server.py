"""Victims without waiting: one process that has read all code, and forks a victim when asked.

Every line of its input is one victim to bear, as JSON; it answers `born PID`, the victim itself
`passed STEP NTH`, and in the end comes `ended CODE`, negative for the signal that killed it.
"""

import asyncio
import json
import os
import signal
import sys
import traceback
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

from gateway.flows.failpoints import Failpoint
from gateway.logs import write_logs
from tests.support.tree import ROOT
from tests.system.kills.subject import Doom, live

BORN_WITHIN_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Death:
    """How a victim ended: its exit code, and the last step it said it was passing."""

    code: int
    passed: str | None


@dataclass(frozen=True, slots=True)
class Victim:
    """A running victim; its process is a child of the nursery."""

    pid: int
    _nursery: Process

    def kill(self, number: int) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)

    async def death(self) -> Death:
        """Wait for its end."""
        passed = None
        while (words := await _words(self._nursery))[0] == "passed":
            passed = " ".join(words[1:])
        return Death(int(words[1]), passed)


@dataclass(frozen=True, slots=True)
class Nursery:
    """Bears victims, one at a time."""

    _process: Process

    async def bear(self, doom: Doom) -> Victim:
        """Start a victim; it takes a few milliseconds."""
        wanted = {
            "config": str(doom.config),
            "at": doom.at,
            "nth": doom.nth,
            "ahead_s": doom.ahead_s,
            "tells": doom.tells,
        }
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(wanted).encode() + b"\n")
        async with asyncio.timeout(BORN_WITHIN_S):
            words = await _words(self._process)
        assert words[0] == "born", words
        return Victim(int(words[1]), self._process)


@asynccontextmanager
async def a_nursery(log: Path) -> AsyncIterator[Nursery]:
    """Run a nursery; what the victims log goes to `log`."""
    with log.open("ab") as file:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.system.kills.fork_server"),
            stdin=PIPE,
            stdout=PIPE,
            stderr=file,
            cwd=ROOT,
            start_new_session=True,
        )
    try:
        yield Nursery(process)
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # a victim that still lives goes along
        await process.wait()


async def _words(process: Process) -> list[str]:
    assert process.stdout is not None
    line = await process.stdout.readline()
    assert line, "the nursery has ended"
    return line.decode().split()


def main() -> int:
    """Bear one victim for each line of input, one after another."""
    for line in sys.stdin:
        wanted = json.loads(line)
        at = wanted["at"]
        doom = Doom(
            Path(wanted["config"]),
            None if at is None else Failpoint(at),
            int(wanted["nth"]),
            float(wanted["ahead_s"]),
            bool(wanted["tells"]),
        )
        pid = os.fork()
        if pid == 0:
            _live_and_die(doom)
        _, status = os.waitpid(pid, 0)
        _say(f"ended {os.waitstatus_to_exitcode(status)}")
    return 0


def _live_and_die(doom: Doom) -> NoReturn:
    """Be the victim; never return into the nursery's loop."""
    code = 1
    try:
        _say(f"born {os.getpid()}")
        write_logs("info")
        code = asyncio.run(live(doom))
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        os._exit(code)


def _say(text: str) -> None:
    os.write(sys.stdout.fileno(), text.encode() + b"\n")


if __name__ == "__main__":
    sys.exit(main())
