"""被测网关: the real gateway, ended by SIGKILL at one of its failpoints.

    python -m tests.system.kills.subject --config gateway.toml --at report-sent --nth 2

The failpoint is told to the program by its own caller, `Gateway(hook=…)`; no setting reaches it.
"""

import argparse
import asyncio
import os
import signal
import sys
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from gateway.app.lifecycle import Gateway
from gateway.flows.failpoints import Failpoint
from gateway.logs import write_logs
from gateway.settings_file import load_settings
from schemas.reference.clock import Now, utc_now


@dataclass(frozen=True, slots=True)
class KillSpec:
    """What a subject is spawned with: its settings, its clock, and where it dies.

    `ahead_s` is how far its clock is ahead of the machine's; without `at` somebody else kills it.
    One that `announces` says every failpoint it passes.
    """

    config: Path
    at: Failpoint | None = None
    nth: int = 1
    ahead_s: float = 0.0
    announces: bool = False

    def clock(self) -> Now:
        """Return the subject's clock."""
        ahead = timedelta(seconds=self.ahead_s)

        def now() -> datetime:
            return utc_now() + ahead

        return now


class KillHook:
    """Kills this process at the nth passing of a failpoint; says so first, in one write."""

    def __init__(self, spec: KillSpec) -> None:
        self._spec, self._passed = spec, 0
        self._lock = threading.Lock()  # those in a transaction are passed in the store's thread

    def hook(self, failpoint: Failpoint) -> None:
        """Count a failpoint, and die at the chosen one."""
        if self._spec.announces:
            _say(f"passed {failpoint}")
        if failpoint is not self._spec.at:
            return
        with self._lock:
            self._passed += 1
            if self._passed == self._spec.nth:
                _say(f"passed {failpoint} {self._passed}")
                os.kill(os.getpid(), signal.SIGKILL)


def _say(text: str) -> None:
    os.write(sys.stdout.fileno(), text.encode() + b"\n")


async def live(spec: KillSpec) -> int:
    """Run a gateway until SIGTERM, its own failure, or its spec; return the exit code."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    gateway = Gateway(load_settings(spec.config), now=spec.clock(), hook=KillHook(spec).hook)
    await gateway.start()
    return await gateway.run_until(stop)


def main() -> int:
    """Read what it is spawned with and run."""
    parser = argparse.ArgumentParser(prog="python -m tests.system.kills.subject")
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--at", type=Failpoint)
    parser.add_argument("--nth", type=int, default=1)
    parser.add_argument("--ahead-s", type=float, default=0.0)
    parser.add_argument("--announces", action="store_true")
    write_logs("info")
    return asyncio.run(live(KillSpec(**vars(parser.parse_args()))))


if __name__ == "__main__":
    sys.exit(main())
