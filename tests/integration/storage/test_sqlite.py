"""What is SQLite's own: one process a file, nothing lost when it is killed, a failing disk."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from storage.errors import StoreMisconfigured, StoreUnavailable
from storage.sqlite.file import demand_soundness
from storage.sqlite.store import SqliteStore
from storage.urls import sqlite_url
from tests.integration.storage.bank import BANK, Bank, Declined
from tests.integration.storage.conftest import StoreOpener

ROOT = Path(__file__).parents[3]
WRITER = [sys.executable, "-m", "tests.integration.storage.writer"]
MEBIBYTE = 1 << 20


def write_until_killed(url: str, answers: int) -> list[str]:
    """Kill a writing process after so many answers; return the names of all it answered."""
    with subprocess.Popen([*WRITER, url], cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        names = [child.stdout.readline().strip() for _ in range(answers)]
        os.kill(child.pid, signal.SIGKILL)
        return names + [line.strip() for line in child.stdout if line.endswith("\n")]


def run_writer(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a writing process to its end."""
    return subprocess.run(
        [*WRITER, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "bank.db"


@pytest.mark.parametrize("answers", [1, 50, 400])
async def test_killed_at_once_it_keeps_all_that_it_answered(
    path: Path, open_at: StoreOpener, answers: int
) -> None:
    url = sqlite_url(path)
    names = write_until_killed(url, answers)
    store = open_at(url)
    stored = await store.transact(lambda bank: bank.balances(*names))
    assert stored == dict.fromkeys(names, 1)
    assert len(names) >= answers
    entries = await store.read(lambda statement: [statement.entries(name) for name in names])
    assert entries == [[1]] * len(names)


def test_a_disk_that_fails_stops_the_store_for_good(path: Path) -> None:
    done = run_writer(sqlite_url(path), str(MEBIBYTE))
    lines = done.stdout.splitlines()
    failures = [line for line in lines if not line.startswith("A-")]
    assert failures[0].startswith("broken: SQLITE_IOERR")
    assert failures[1].startswith("refused: sqlite: disk I/O error")
    with sqlite3.connect(path) as connection:
        stored = {name for (name,) in connection.execute("SELECT name FROM accounts")}
    connection.close()
    assert {line for line in lines if line.startswith("A-")} <= stored


async def test_a_full_disk_refuses_and_is_usable_again(path: Path, open_at: StoreOpener) -> None:
    store = open_at(sqlite_url(path))
    assert isinstance(store, SqliteStore)

    def allow(pages: int) -> None:
        store.connection.execute(f"PRAGMA max_page_count = {pages}")

    def large(bank: Bank) -> None:
        bank.write_letters("甲", body=bytes(MEBIBYTE))

    await store.transact(lambda _: allow(100))
    with pytest.raises(StoreUnavailable, match="full"):
        await store.transact(large)
    assert store.broken is None
    await store.transact(lambda bank: bank.open("A1"))
    await store.transact(lambda _: allow(10_000))
    await store.transact(large)


async def test_a_second_process_on_the_file_is_refused(path: Path, open_at: StoreOpener) -> None:
    store = open_at(sqlite_url(path))
    done = run_writer(sqlite_url(path))
    assert done.returncode == 1
    assert done.stderr.startswith("StoreOwned: ")
    assert "another gateway process owns it" in done.stderr
    with pytest.raises(StoreMisconfigured):
        SqliteStore(path, BANK)
    await store.probe_write()
    await store.close()
    open_at(sqlite_url(path))


async def test_readers_cannot_write_and_leave_the_log_to_the_writer(
    path: Path, open_at: StoreOpener
) -> None:
    store = open_at(sqlite_url(path))
    log = path.with_name("bank.db-wal")
    await store.transact(lambda bank: bank.open("A1"))
    await store.read(lambda statement: statement.entries("A1"))
    assert log.stat().st_size > 0
    await store.close()
    assert not log.exists()  # the writer, the last to close, has checkpointed


async def test_the_files_are_readable_by_their_owner_only(path: Path, open_at: StoreOpener) -> None:
    store = open_at(sqlite_url(path))
    await store.probe_write()
    names = ("bank.db", "bank.db-wal", "bank.db-shm", "bank.db.lock")
    modes = {file.name: file.stat().st_mode & 0o077 for file in path.parent.iterdir()}
    assert modes == dict.fromkeys(names, 0)


def test_another_file_is_refused_and_left_alone(path: Path) -> None:
    content = b"this is not a database " * 100
    path.write_bytes(content)
    with pytest.raises(StoreMisconfigured, match="not a database"):
        SqliteStore(path, BANK)
    assert path.read_bytes() == content


async def test_a_transaction_that_ends_under_the_work_fails_its_batch_and_not_the_store(
    path: Path,
) -> None:
    # Given a file that undoes the transaction by itself, and work that then fails of its own
    store = SqliteStore(path, BANK)

    def undone(bank: Bank) -> None:
        bank.open("A1")
        store.connection.execute("ROLLBACK")
        raise Declined("after the transaction ended")

    # When it runs, its caller is answered, and so is the next one
    async with asyncio.timeout(10):
        with pytest.raises(StoreUnavailable):
            await store.transact(undone)
        await store.transact(lambda bank: bank.open("A2"))
        stored = await store.read(lambda s: (s.balance("A1"), s.balance("A2")))
        await store.close()
    assert stored == (None, 0)


async def test_a_batch_begins_with_what_the_answers_to_the_last_one_bring(
    path: Path, open_at: StoreOpener
) -> None:
    store = open_at(sqlite_url(path))
    waiting: list[asyncio.Task[None]] = []

    async def read() -> None:
        await store.transact(lambda bank: bank.balances("A"))

    def begin(_: Bank) -> None:
        waiting.append(asyncio.create_task(read()))  # while this batch is committed

    await store.transact(begin)
    await read()  # by the caller just answered
    await asyncio.gather(*waiting)
    assert (store.counts.units_of_work, store.counts.batches) == (3, 2)


def write_letter(bank: Bank, peer: str, body: bytes) -> None:
    bank.write_letters(peer, body=body)


async def a_closed_file(path: Path, letters: int) -> None:
    """Write a file of some hundred pages, and close it."""
    store = SqliteStore(path, BANK)
    for number in range(letters):
        body = bytes([number % 256]) * 3000
        await store.transact(partial(write_letter, peer=f"peer-{number}", body=body))
    await store.close()


def test_a_damaged_file_is_refused_at_start_and_left_as_it_is(path: Path) -> None:
    asyncio.run(a_closed_file(path, 200))
    content = bytearray(path.read_bytes())
    middle = len(content) // 2 // 4096 * 4096
    content[middle : middle + 512] = bytes(range(256)) * 2  # the head of a page
    path.write_bytes(content)
    with pytest.raises(StoreMisconfigured, match="damaged"):
        SqliteStore(path, BANK)
    assert path.read_bytes() == content


async def a_log_left_behind(path: Path) -> bytes:
    """Write on to a file, and return its log as it stands before the store is closed."""
    store = SqliteStore(path, BANK)
    for number in range(40):
        await store.transact(partial(write_letter, peer=f"late-{number}", body=bytes(3000)))
    log = await asyncio.to_thread(path.with_name(f"{path.name}-wal").read_bytes)
    await store.close()
    return log


def test_a_log_of_another_file_beside_a_file_put_back_is_refused(
    path: Path, tmp_path: Path
) -> None:
    # Given a backup of a small file, and the log of what it grew to before the machine died
    asyncio.run(a_closed_file(path, 3))
    backup = path.read_bytes()
    asyncio.run(a_closed_file(path, 300))
    log = asyncio.run(a_log_left_behind(path))

    # When the backup is put back under the log that was left
    other = tmp_path / "other.db"
    other.write_bytes(backup)
    other.with_name("other.db-wal").write_bytes(log)

    # Then nothing is written to the mixture
    with pytest.raises(StoreMisconfigured):
        SqliteStore(other, BANK)


async def test_a_large_file_is_looked_at_for_a_bounded_time(path: Path) -> None:
    await a_closed_file(path, 200)
    with closing(sqlite3.connect(path)) as connection:
        demand_soundness(connection, path, limit_s=0.0)
        assert connection.execute("SELECT count(*) FROM letters").fetchone() == (200,)
