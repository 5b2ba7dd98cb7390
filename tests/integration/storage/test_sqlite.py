"""What is SQLite's own: one process a file, nothing lost when it is killed, a failing disk."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.adapters.ledger.store import ledger_schema
from gateway.errors import StaleCase
from gateway.ports.ledger import Ledger
from storage.errors import StoreMisconfigured, StoreUnavailable
from storage.sqlite.store import SqliteStore
from tests.builders.ledger import AT, a_message, a_sealer, an_opening
from tests.integration.storage.conftest import StoreOpener

ROOT = Path(__file__).parents[3]
WRITER = [sys.executable, "-m", "tests.integration.storage.writer"]
MEBIBYTE = 1 << 20


def write_until_killed(url: str, answers: int) -> list[str]:
    """Kill a writing process after so many answers; return the keys of all it answered."""
    with subprocess.Popen([*WRITER, url], cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        keys = [child.stdout.readline().strip() for _ in range(answers)]
        os.kill(child.pid, signal.SIGKILL)
        return keys + [line.strip() for line in child.stdout if line.endswith("\n")]


def run_writer(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a writing process to its end."""
    return subprocess.run(
        [*WRITER, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


@pytest.mark.parametrize("answers", [1, 50, 400])
async def test_killed_at_once_it_keeps_every_case_it_answered(
    path: Path, open_at: StoreOpener, answers: int
) -> None:
    url = f"sqlite:///{path}"
    keys = write_until_killed(url, answers)
    store = open_at(url)
    stored = await store.transact(lambda ledger: ledger.cases.read(keys))
    assert len(stored) == len(keys) >= answers
    entries = await store.read(lambda views: [views.history(key) for key in keys])
    assert {len(history) for history in entries} == {1}


def test_a_disk_that_fails_stops_the_store_for_good(path: Path) -> None:
    done = run_writer(f"sqlite:///{path}", str(MEBIBYTE))
    lines = done.stdout.splitlines()
    told = [line for line in lines if not line.startswith("SQ-")]
    assert told[0].startswith("broken: sqlite: disk I/O error; the store has stopped writing")
    assert told[1].startswith("refused: sqlite: disk I/O error")
    with sqlite3.connect(path) as connection:
        stored = {key for (key,) in connection.execute("SELECT key FROM cases")}
    connection.close()
    assert {line for line in lines if line.startswith("SQ-")} <= stored


async def test_a_full_disk_refuses_and_is_usable_again(path: Path, open_at: StoreOpener) -> None:
    store = open_at(f"sqlite:///{path}")
    assert isinstance(store, SqliteStore)

    def allow(pages: int) -> None:
        store.connection.execute(f"PRAGMA max_page_count = {pages}")

    def large(ledger: Ledger) -> None:
        ledger.outbox.enqueue([a_message("SQ1", body=bytes(MEBIBYTE))])

    await store.transact(lambda _: allow(100))
    with pytest.raises(StoreUnavailable, match="full"):
        await store.transact(large)
    assert store.broken is None
    await store.transact(lambda ledger: ledger.cases.open([an_opening("SQ1")]))
    await store.transact(lambda _: allow(10_000))
    await store.transact(large)


async def test_a_second_process_on_the_file_is_refused(path: Path, open_at: StoreOpener) -> None:
    store = open_at(f"sqlite:///{path}")
    done = run_writer(f"sqlite:///{path}")
    assert done.returncode == 1
    assert done.stderr.startswith("StoreOwned: ")
    assert "another gateway process owns it" in done.stderr
    with pytest.raises(StoreMisconfigured):
        SqliteStore(path, ledger_schema(a_sealer(), lambda: AT))
    await store.probe_write()
    await store.close()
    open_at(f"sqlite:///{path}")


async def test_readers_cannot_write_and_leave_the_log_to_the_writer(
    path: Path, open_at: StoreOpener
) -> None:
    store = open_at(f"sqlite:///{path}")
    log = path.with_name("ledger.db-wal")
    await store.transact(lambda ledger: ledger.cases.open([an_opening("SQ1")]))
    await store.read(lambda views: views.history("SQ1"))
    assert log.stat().st_size > 0
    await store.close()
    assert not log.exists()  # the writer, the last to close, has checkpointed


async def test_the_files_are_readable_by_their_owner_only(path: Path, open_at: StoreOpener) -> None:
    store = open_at(f"sqlite:///{path}")
    await store.probe_write()
    names = ("ledger.db", "ledger.db-wal", "ledger.db-shm", "ledger.db.lock")
    modes = {file.name: file.stat().st_mode & 0o077 for file in path.parent.iterdir()}
    assert modes == dict.fromkeys(names, 0)


def test_another_file_is_refused_and_left_alone(path: Path) -> None:
    content = b"this is not a database " * 100
    path.write_bytes(content)
    with pytest.raises(StoreMisconfigured, match="not a database"):
        SqliteStore(path, ledger_schema(a_sealer(), lambda: AT))
    assert path.read_bytes() == content


async def test_a_transaction_that_ends_under_a_work_fails_its_group_and_not_the_store(
    path: Path,
) -> None:
    # Given a file that undoes the transaction by itself, and a work that then fails of its own
    store = SqliteStore(path, ledger_schema(a_sealer(), lambda: AT))

    def undone(ledger: Ledger) -> None:
        ledger.cases.open([an_opening("SQ1")])
        store.connection.execute("ROLLBACK")
        raise StaleCase("SQ1", 1)

    # When it runs, it is answered, and so is whoever comes after it
    async with asyncio.timeout(10):
        with pytest.raises(StoreUnavailable):
            await store.transact(undone)
        await store.transact(lambda ledger: ledger.cases.open([an_opening("SQ2")]))
        stored = await store.read(lambda views: (views.case("SQ1"), views.case("SQ2")))
        await store.close()
    assert stored[0] is None
    assert stored[1] is not None
