"""A real MariaDB for tests: the one that is installed, started with a data folder of its own.

It lies in memory where there is room, listens on 127.0.0.1 only, and is stopped by its process id;
no service of the system is started or asked. In CI the script `.ci/run` installs Debian's.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Final

import pymysql

from tests.support.folders import open_folder
from tests.support.ports import free_ports
from tests.support.postgres import NOBODY, environment, identity
from tests.support.until import block_until

CURE: Final = "install mariadb-server-core (Debian), or another package that has mariadbd"
START_LIMIT_S: Final = 60.0
STOP_LIMIT_S: Final = 20.0
_PROGRAMS: Final = ("mariadbd", "mysqld")
_FOLDERS: Final = ("/usr/sbin", "/usr/libexec", "/usr/local/sbin")
_SCRIPTS: Final = (
    *("mysql_system_tables.sql", "mysql_performance_tables.sql", "mysql_system_tables_data.sql"),
)
_SHARED: Final = ("/usr/share/mysql", "/usr/share/mariadb", "/usr/local/share/mysql")


class MariadbStartError(RuntimeError):
    """A server was found but did not start; carries what it printed."""


@dataclass(frozen=True, slots=True)
class MariadbServer:
    """A running server on a loopback port; `root` has no password."""

    port: int

    def root(self, database: str | None = None) -> "pymysql.Connection[pymysql.cursors.Cursor]":
        """Return a connection of root."""
        return pymysql.connect(
            host="127.0.0.1",
            port=self.port,
            user="root",
            database=database,
            charset="utf8mb4",
            autocommit=True,
        )

    def create(self, character_set: str = "utf8mb4") -> str:
        """Create an empty database and return its name."""
        name = f"duijie_test_{token_hex(6)}"
        self.run(f"CREATE DATABASE {name} CHARACTER SET {character_set}")
        return name

    def drop(self, name: str) -> None:
        """Drop a database."""
        self.run(f"DROP DATABASE IF EXISTS {name}")

    def run(self, *statements: str) -> None:
        """Run statements as root."""
        with self.root() as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)


@contextmanager
def any_mariadb() -> Iterator[MariadbServer | None]:
    """Yield a server that runs until the block ends, or nothing where none is installed."""
    program, scripts = _program(), _scripts()
    if program is None or scripts is None:
        yield None
        return
    with open_folder("duijie-mariadb-", in_memory=True) as folder:
        if os.geteuid() == 0:
            os.chown(folder, NOBODY, NOBODY)
        _initialise(program, scripts, folder)
        with (folder / "log").open("wb") as log:
            process, server = _start_on_some_port(program, folder, log.fileno())
            try:
                yield server
            finally:
                _stop(process)


def _program() -> str | None:
    found = [shutil.which(name) for name in _PROGRAMS]
    found += [shutil.which(name, path=":".join(_FOLDERS)) for name in _PROGRAMS]
    return next((one for one in found if one), None)


def _scripts() -> Path | None:
    folders = [Path(one) for one in _SHARED]
    return next((one for one in folders if all((one / name).is_file() for name in _SCRIPTS)), None)


def _options(program: str, folder: Path) -> list[str]:
    data = folder / "data"
    sizes = ("--innodb-buffer-pool-size=16M", "--innodb-log-file-size=16M")
    where = (f"--datadir={data}", f"--aria-log-dir-path={data}", f"--tmpdir={folder}")
    return [program, "--no-defaults", "--skip-log-bin", *where, *sizes]


def _initialise(program: str, scripts: Path, folder: Path) -> None:
    """Make the tables of the system as the server's own installer does."""
    data = folder / "data"
    (data / "mysql").mkdir(parents=True)
    if os.geteuid() == 0:
        for one in (data, data / "mysql"):
            os.chown(one, NOBODY, NOBODY)
    setup = ["USE mysql;\n", "SET @auth_root_socket=NULL;\n"]
    text = "".join((*setup, *((scripts / name).read_text("utf-8") for name in _SCRIPTS)))
    done = subprocess.run(
        [*_options(program, folder), "--bootstrap", "--skip-grant-tables"],
        input=text.encode(),
        capture_output=True,
        check=False,
        cwd=folder,
        env=environment(),
        **identity(),
    )
    if done.returncode != 0:
        raise MariadbStartError(done.stderr.decode("utf-8", "replace"))


def _start_on_some_port(
    program: str, folder: Path, log: int
) -> tuple[subprocess.Popen[bytes], MariadbServer]:
    """Start the server; another program may take the free port first, so try up to three."""
    for _ in range(2):
        with suppress(MariadbStartError):
            return _start(program, folder, log)
    return _start(program, folder, log)


def _start(program: str, folder: Path, log: int) -> tuple[subprocess.Popen[bytes], MariadbServer]:
    (port,) = free_ports(1)
    command = [*_options(program, folder), "--bind-address=127.0.0.1", f"--port={port}"]
    command += [f"--socket={folder / 'socket'}", f"--pid-file={folder / 'pid'}"]
    command += ["--skip-name-resolve", "--performance-schema=OFF"]
    if setpriv := shutil.which("setpriv"):  # a killed test run takes its server along
        command = [setpriv, "--pdeathsig", "TERM", *command]
    process = subprocess.Popen(
        command, cwd=folder, env=environment(), stdout=log, stderr=log, **identity()
    )
    server = MariadbServer(port)
    try:
        _wait_until_ready(process, server, folder / "log")
    except BaseException:
        _stop(process)
        raise
    return process, server


def _wait_until_ready(process: "subprocess.Popen[bytes]", server: MariadbServer, log: Path) -> None:
    def is_up() -> bool:
        if process.poll() is not None:
            raise MariadbStartError(log.read_text("utf-8", "replace"))
        try:
            server.root().close()
        except pymysql.Error:
            return False
        return True

    try:
        block_until(is_up, "the server answers", START_LIMIT_S, every_s=0.05)
    except AssertionError as exc:
        raise MariadbStartError(log.read_text("utf-8", "replace")) from exc


def _stop(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(STOP_LIMIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
