"""命令行子进程: the command line as a person starts it, in a process of its own."""

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from duijie.cli import run

WITHIN_S = 90


def duijie(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run one command to its end; its output is no terminal."""
    return subprocess.run(
        [sys.executable, "-m", "duijie", *words],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )


def run_here(capfd: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Run one command in this process; return its exit code, output and errors.

    A command may set up the log of its process: that is taken back.
    """
    capfd.readouterr()
    loggers = [logging.getLogger(name) for name in (None, "gateway", "simulator")]
    before = [(one, list(one.handlers), one.level, one.propagate) for one in loggers]
    try:
        code = run(words)
    finally:
        for one, handlers, level, propagate in before:
            one.handlers[:] = handlers
            one.setLevel(level)
            one.propagate = propagate
    printed = capfd.readouterr()
    return code, printed.out, printed.err


def port_options(ports: Mapping[str, int]) -> list[str]:
    """Return the options of `duijie up` that choose these ports."""
    return [word for name, port in ports.items() for word in (f"--{name}-port", str(port))]


@dataclass(frozen=True)
class RunningCommand:
    """A command that goes on running, and what it printed until it was ready."""

    process: subprocess.Popen[str]
    printed: list[str]

    @property
    def children(self) -> list[int]:
        """The pids of its child processes."""
        pid = self.process.pid
        return [
            int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
        ]

    def end(self, number: int = signal.SIGINT) -> tuple[int, str, str]:
        """Send a signal; return exit code and what was printed after it."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=WITHIN_S)
        return self.process.returncode, out, err


@contextmanager
def running_command(*words: str, cwd: Path, until: str) -> Iterator[RunningCommand]:
    """Start a command and wait until it prints a line with `until`; nothing is left behind."""
    process = subprocess.Popen(
        [sys.executable, "-m", "duijie", *words],
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        printed: list[str] = []
        for line in process.stdout:
            printed.append(line)
            if until in line:
                break
        else:
            raise AssertionError(f"it ended without «{until}»: {process.stderr.read()}")
        yield RunningCommand(process, printed)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=WITHIN_S)
        process.stdout.close()
        process.stderr.close()


def is_running(pid: int) -> bool:
    """Return whether a process is there."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
