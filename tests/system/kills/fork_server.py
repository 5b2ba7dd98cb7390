"""The fork server: one process that has read all code and tables, and forks a subject when asked.

Every line of its input is one subject to spawn, as JSON; it answers `spawned PID`, the subject
itself `passed POINT NTH`, and at last comes `ended CODE`, negative for the signal that killed it.
"""

import asyncio
import gc
import json
import os
import signal
import sys
import traceback
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

from gateway.flows.failpoints import Failpoint
from gateway.logs import write_logs
from schemas.reference.divisions import DivisionTree
from tests.support.tree import ROOT
from tests.support.until import block_until
from tests.system.kills.subject import KillSpec, live

SPAWNED_WITHIN_S: Final = 30.0
DIES_WITHIN_S: Final = 60.0
_STOPPED: Final = "T"


@dataclass(frozen=True, slots=True)
class Death:
    """How a subject ended: its exit code, and the last failpoint it said it was passing."""

    code: int
    passed: str | None


@dataclass(frozen=True, slots=True)
class Subject:
    """A running subject; its process is a child of the fork server."""

    pid: int
    _fork_server: Process

    def kill(self, number: int) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)

    def stop(self) -> None:
        """Stop it, and return once no thread of it runs: a flush under way is then finished."""
        self.kill(signal.SIGSTOP)
        self._block_until(lambda: _states(self.pid) <= {_STOPPED}, "stops")

    def wait_until_gone(self) -> None:
        """Return once its process has given up all it held; waits without the event loop."""
        self._block_until(lambda: not Path(f"/proc/{self.pid}").exists(), "ends")

    def _block_until(self, holds: Callable[[], bool], what: str) -> None:
        block_until(holds, f"process {self.pid} {what}", SPAWNED_WITHIN_S, every_s=0.001)

    async def death(self) -> Death:
        """Wait for its end."""
        passed = None
        while (words := await _words(self._fork_server))[0] == "passed":
            passed = " ".join(words[1:])
        return Death(int(words[1]), passed)

    async def planned_death(self) -> Death:
        """Wait for the death that its plan says.

        One that lives on is killed: it would keep the fork server from the next one.

        Raises:
            TimeoutError: It lived on.
        """
        try:
            async with asyncio.timeout(DIES_WITHIN_S):
                return await self.death()
        except TimeoutError:
            self.kill(signal.SIGKILL)
            await self.death()
            raise


@dataclass(frozen=True, slots=True)
class ForkServer:
    """Spawns subjects, one at a time."""

    _process: Process

    async def spawn(self, spec: KillSpec) -> Subject:
        """Start a subject; it takes a few milliseconds."""
        wanted = {
            "config": str(spec.config),
            "at": spec.at,
            "nth": spec.nth,
            "ahead_s": spec.ahead_s,
            "announces": spec.announces,
        }
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(wanted).encode() + b"\n")
        async with asyncio.timeout(SPAWNED_WITHIN_S):
            words = await _words(self._process)
        assert words[0] == "spawned", words
        return Subject(int(words[1]), self._process)


@asynccontextmanager
async def a_fork_server(log: Path) -> AsyncIterator[ForkServer]:
    """Run a fork_server; what the subjects log goes to `log`."""
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
        yield ForkServer(process)
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # a subject that still lives goes along
        await process.wait()


def _states(pid: int) -> set[str]:
    """Return the states of its threads, as letters of proc(5); none once it is gone."""
    states = set()
    for file in Path(f"/proc/{pid}/task").glob("*/stat"):
        with suppress(FileNotFoundError, ProcessLookupError):  # this thread has just ended
            states.add(file.read_text("utf-8").rpartition(")")[2].split()[0])
    return states


async def _words(process: Process) -> list[str]:
    assert process.stdout is not None
    line = await process.stdout.readline()
    assert line, "the fork_server has ended"
    return line.decode().split()


def main() -> int:
    """Spawn one subject for each line of input, one after another."""
    DivisionTree.load()
    gc.freeze()  # what a subject does not look at, it shares with this process
    for line in sys.stdin:
        wanted = json.loads(line)
        at = wanted["at"]
        spec = KillSpec(
            Path(wanted["config"]),
            None if at is None else Failpoint(at),
            int(wanted["nth"]),
            float(wanted["ahead_s"]),
            bool(wanted["announces"]),
        )
        pid = os.fork()
        if pid == 0:
            _live_and_die(spec)
        _, status = os.waitpid(pid, 0)
        _say(f"ended {os.waitstatus_to_exitcode(status)}")
    return 0


def _live_and_die(spec: KillSpec) -> NoReturn:
    """Be the subject; never return into the fork_server's loop."""
    code = 1
    try:
        _say(f"spawned {os.getpid()}")
        write_logs("info")
        code = asyncio.run(live(spec))
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        os._exit(code)


def _say(text: str) -> None:
    os.write(sys.stdout.fileno(), text.encode() + b"\n")


if __name__ == "__main__":
    sys.exit(main())
