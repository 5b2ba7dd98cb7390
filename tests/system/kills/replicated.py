"""同步备库: a PostgreSQL primary with a synchronous standby, which takes over when it is killed.

A commit is answered only when both have it on disk, so a primary that dies takes nothing along that
was acknowledged. After a failover a new standby is copied from the new primary; until it follows,
commits wait. Two ports take turns, and the ledger's address names both.
"""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg

from tests.support import postgres
from tests.support.folders import open_folder
from tests.support.ports import free_ports
from tests.support.until import block_until

_DATABASE: Final = "ledger"
_SETTINGS: Final = ("wal_level=replica", "hot_standby=on")
_SYNCHRONOUS: Final = "synchronous_standby_names = '*'\n"
"""In the file, not on the command line: so it can be changed while a server runs."""
_LOOK_EVERY_S: Final = 0.02


@dataclass(slots=True)
class Node:
    """One server of the two: its data folder, its port, and its process while it runs."""

    binaries: Path
    data: Path
    port: int
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start it, as primary or standby, whichever its folder says."""
        command = [str(self.binaries / "postgres"), "-D", str(self.data), "-p", str(self.port)]
        for setting in (*postgres.SETTINGS, *_SETTINGS):
            command += ["-c", setting]
        with (self.data.parent / f"{self.data.name}.log").open("ab") as log:
            self.process = subprocess.Popen(
                command,
                cwd=self.data.parent,
                env=postgres.environment(),
                stdout=log,
                stderr=log,
                start_new_session=True,
                **postgres.identity(),
            )
        self._await(lambda: True, "answers")

    def kill(self) -> None:
        """End all its processes at once, with SIGKILL."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def ask(self, statement: bytes) -> object:
        """Return the first value that a statement gives, None where it gives none."""
        with psycopg.connect(self.address, autocommit=True, connect_timeout=2) as connection:
            cursor = connection.execute(statement)
            row = cursor.fetchone() if cursor.description else None
        return None if row is None else row[0]

    def await_standby(self) -> None:
        """Wait until a standby follows synchronously: from then on commits are answered."""
        counted = b"SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"
        self._await(lambda: self.ask(counted) == 1, "has a synchronous standby")

    def promote(self) -> None:
        """Make a standby the primary."""
        self.ask(b"SELECT pg_promote(true, 60)")
        self._await(lambda: self.ask(b"SELECT pg_is_in_recovery()") is False, "takes writes")

    def copy_from(self, primary: "Node") -> None:
        """Make its folder a standby of `primary`, in the place of whatever was there."""
        shutil.rmtree(self.data, ignore_errors=True)
        command = [str(self.binaries / "pg_basebackup"), "-D", str(self.data), "-d"]
        command += [primary.address, "-R", "-X", "stream", "-c", "fast", "--no-sync"]
        run(command, self.data.parent)

    def _await(self, holds: Callable[[], bool], what: str) -> None:
        def answers_so() -> bool:
            try:
                return self.ask(b"SELECT 1") == 1 and holds()
            except psycopg.OperationalError:
                return False  # not yet

        block_until(answers_so, f"the server at {self.port} {what}", every_s=_LOOK_EVERY_S)


@dataclass(slots=True)
class ReplicatedServer:
    """The two servers; `failovers` counts how often the primary died."""

    primary: Node
    standby: Node
    failovers: int = 0

    @property
    def url(self) -> str:
        """The address of the ledger: whichever of the two takes writes, as libpq finds it."""
        ports = sorted((self.primary.port, self.standby.port))
        hosts = ",".join(f"127.0.0.1:{port}" for port in ports)
        return f"postgresql://postgres@{hosts}/{_DATABASE}?target_session_attrs=read-write"

    def fail_over(self) -> None:
        """Kill the primary, promote the standby, and copy a new standby from it."""
        self.primary.kill()
        self.standby.promote()
        self.primary, self.standby = self.standby, self.primary
        self._follow()
        self.failovers += 1

    def _follow(self) -> None:
        self.standby.copy_from(self.primary)
        self.standby.start()
        self.primary.await_standby()

    @classmethod
    @contextmanager
    def running(cls, binaries: Path) -> "Iterator[ReplicatedServer]":
        """Run a primary with its standby, and an empty database for a ledger."""
        with open_folder("duijie-replicated-", in_memory=True) as folder:
            if os.geteuid() == 0:
                os.chown(folder, postgres.NOBODY, postgres.NOBODY)
            one, other = (Node(binaries, folder / f"data-{p}", p) for p in free_ports(2))
            pair = cls(one, other)
            try:
                run(
                    [
                        *(str(binaries / "initdb"), "-D", str(one.data), "-U", "postgres"),
                        *("-E", "UTF8", "--locale=C", "--auth=trust", "--no-sync"),
                    ],
                    folder,
                )
                with (one.data / "postgresql.conf").open("a", encoding="utf-8") as settings:
                    settings.write(_SYNCHRONOUS)
                one.start()
                pair._follow()
                one.ask(f"CREATE DATABASE {_DATABASE}".encode())
                yield pair
            finally:
                one.kill()
                other.kill()


def run(command: list[str], folder: Path) -> None:
    """Run a program of the server, under the server's user."""
    done = subprocess.run(
        command,
        capture_output=True,
        check=False,
        cwd=folder,
        env=postgres.environment(),
        **postgres.identity(),
    )
    if done.returncode:
        raise postgres.ServerStartError(done.stderr.decode("utf-8", "replace"))
