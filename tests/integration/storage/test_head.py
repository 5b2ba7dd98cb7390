"""进度文件: a SQLite file that is not the one written to last is refused, and no other is."""

import asyncio
import shutil
from functools import partial
from pathlib import Path

import pytest

from schemas.signing.digests import hmac_sha256
from storage.errors import HeadFault, StoreReplaced, StoreUnavailable
from storage.sqlite.head_file import HeadTerms
from storage.sqlite.stamps import find_replaced
from storage.sqlite.store import SqliteStore
from tests.integration.storage.bank import BANK, Bank, BankStatement
from tests.support.clock import SettableClock

CLOCK = SettableClock()


def terms_of(key: bytes, *, accepts_restored: bool = False) -> HeadTerms:
    """Return terms whose proofs are made with `key`."""
    prove = partial(hmac_sha256, key)
    return HeadTerms(prove, lambda data, proof: prove(data) == proof, CLOCK, accepts_restored)


TERMS = terms_of(bytes(range(32)))
OTHER_KEYS = terms_of(bytes(32))
ACCEPTING = terms_of(bytes(range(32)), accepts_restored=True)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "bank.db"


@pytest.fixture
def head(path: Path) -> Path:
    return path.with_name("bank.db.head")


def opened(path: Path, terms: HeadTerms | None = TERMS) -> SqliteStore[Bank, BankStatement]:
    return SqliteStore(path, BANK, head=terms)


def write(path: Path, name: str, terms: HeadTerms | None = TERMS) -> None:
    """Open a file, open an account in it, and close it; an hour passes."""
    asyncio.run(_write(path, name, terms))
    CLOCK.forward(hours=1)


async def _write(path: Path, name: str, terms: HeadTerms | None) -> None:
    store = opened(path, terms)
    await store.transact(lambda bank: bank.open(name))
    await store.close()


def fault_at_start(path: Path, terms: HeadTerms = TERMS) -> HeadFault | None:
    """Open a file and close it; return why it was refused, None where it was not."""
    found = find_replaced(path, terms)  # what only looks says the same
    if found is None:
        asyncio.run(_open_and_close(path, terms))
        return None
    with pytest.raises(StoreReplaced, match=str(found.fault)):
        opened(path, terms)
    return found.fault


async def _open_and_close(path: Path, terms: HeadTerms) -> None:
    await opened(path, terms).close()


def backed_up(path: Path, name: str = "backup") -> Path:
    return Path(shutil.copy(path, path.with_name(name)))


def test_a_file_that_nobody_replaced_is_opened_again_and_again(path: Path) -> None:
    for number in range(3):
        write(path, f"A{number}")
        assert fault_at_start(path) is None


def test_an_older_copy_is_refused_by_name_and_left_as_it_is(path: Path) -> None:
    # Given a backup, and work that was done after it
    write(path, "A1")
    backup = backed_up(path)
    write(path, "A2")

    # When the backup is put in the place of the file
    shutil.copy(backup, path)
    with pytest.raises(StoreReplaced, match=r"bank\.db: file\.behind-head") as refused:
        opened(path)

    # Then it says from when both are, and nothing was changed
    assert refused.value.head_at is not None
    assert refused.value.file_at is not None
    assert (refused.value.head_at - refused.value.file_at).total_seconds() == 3600
    assert path.read_bytes() == backup.read_bytes()


async def work_and_copy(path: Path) -> None:
    """Write to a file, copy it while it is open, and write on."""
    store = opened(path)
    assert await store.write_head()  # the first
    await store.transact(lambda bank: bank.open("A1"))
    store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    backed_up(path)
    await store.transact(lambda bank: bank.open("A2"))
    assert not await store.write_head()
    await store.close()


def test_a_copy_made_while_it_runs_is_older_once_it_was_stamped_again(path: Path) -> None:
    asyncio.run(work_and_copy(path))
    shutil.copy(path.with_name("backup"), path)
    assert fault_at_start(path) is HeadFault.BEHIND


def test_a_file_that_is_gone_is_refused_and_no_empty_one_takes_its_place(path: Path) -> None:
    write(path, "A1")
    path.unlink()
    assert fault_at_start(path) is HeadFault.BEHIND
    assert not path.exists()


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_copy_that_was_written_on_elsewhere_is_refused(
    path: Path, tmp_path: Path, times: int
) -> None:
    # Given a copy that works on with a head of its own, as long as the original or longer
    write(path, "A1")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for suffix in ("", ".head"):
        shutil.copy(f"{path}{suffix}", elsewhere)
    write(path, "A2")
    for number in range(times):
        write(elsewhere / path.name, f"B{number}")

    # Then it cannot come back in the place of the original
    shutil.copy(elsewhere / path.name, path)
    assert fault_at_start(path) is HeadFault.ANOTHER


def test_a_head_that_is_gone_altered_or_of_other_keys_is_refused(path: Path, head: Path) -> None:
    write(path, "A1")
    write(path, "A2")
    right = head.read_text("ascii")
    assert fault_at_start(path, OTHER_KEYS) is HeadFault.HEAD_ALTERED
    for altered in (right.replace('"number": 2', '"number": 1'), right[:20], "", "[1]"):
        head.write_text(altered, "ascii")
        assert fault_at_start(path) is HeadFault.HEAD_ALTERED
    head.unlink()
    assert fault_at_start(path) is HeadFault.HEAD_MISSING


def test_a_file_from_before_there_were_heads_gets_one(path: Path, head: Path) -> None:
    write(path, "A1", terms=None)
    assert not head.exists()
    assert fault_at_start(path) is None
    assert head.exists()


@pytest.mark.parametrize("times", [1, 3])
def test_a_death_between_the_commit_and_its_head_is_harmless(
    path: Path, head: Path, times: int
) -> None:
    # Given heads that cannot be written: the file is then as after a death right before it
    write(path, "A0")
    draft = head.with_name("bank.db.head.new")
    draft.mkdir()
    for number in range(1, times + 1):
        asyncio.run(_write_without_a_head(path, f"A{number}"))

    # Then the file is taken, and what comes next is told apart from it as ever
    draft.rmdir()
    backup = backed_up(path)
    write(path, "B")
    write(path, "C")
    assert fault_at_start(path) is None
    shutil.copy(backup, path)
    assert fault_at_start(path) is HeadFault.BEHIND


async def _write_without_a_head(path: Path, name: str) -> None:
    store = opened(path)
    await store.transact(lambda bank: bank.open(name))
    with pytest.raises(StoreUnavailable, match="head"):
        await store.write_head()
    await store.close()


def test_a_death_before_the_very_first_head_is_harmless(path: Path, head: Path) -> None:
    write(path, "A1")
    head.unlink()
    assert fault_at_start(path) is None


def test_a_backup_that_is_accepted_is_the_file_from_then_on(path: Path) -> None:
    # Given a backup in the place of the file, and what was there kept
    write(path, "A1")
    backup = backed_up(path)
    write(path, "A2")
    later = backed_up(path, "later")
    shutil.copy(backup, path)

    # When it is accepted
    write(path, "B1", ACCEPTING)

    # Then it goes on, and neither the backup nor what it replaced can come back unnoticed
    write(path, "B2")
    assert fault_at_start(path) is None
    for other, fault in ((backup, HeadFault.BEHIND), (later, HeadFault.BEHIND)):
        shutil.copy(other, path)
        assert fault_at_start(path) is fault


def test_where_nothing_was_written_no_stamp_is_made(path: Path, head: Path) -> None:
    write(path, "A1")
    before = head.read_bytes()
    assert fault_at_start(path) is None
    assert head.read_bytes() == before
