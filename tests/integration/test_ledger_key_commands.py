"""`duijie gateway keys`: the data keys of a ledger are exchanged beside the running gateway."""

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from duijie.cli import run
from duijie.ledger_reader import find_replaced_ledger
from gateway.adapters.ledger.store import open_ledger
from gateway.app.lifecycle import Gateway
from gateway.domain.ledger_entry import LedgerEntry
from gateway.ports.ledger import Ledger
from schemas.reference.clock import utc_now
from storage import sealing_keys
from storage.sealing_keys import load_sealer
from storage.urls import sqlite_path
from tests.builders.ledger import an_opening
from tests.support.stack import Stack, a_gateway, make_stack
from tests.support.until import until

SEALS = 2
"""The sealed rows of one case: its own, and what was received for it."""
ENTRY = 2
"""What a gateway writes at its start: that all cases bear a seal, and the agency directory."""


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    return make_stack(tmp_path)


async def command(stack: Stack, name: str, *more: str) -> int:
    words = ("gateway", "keys", name, "--config", str(stack.gateway_file), *more)
    return await asyncio.to_thread(run, words)


async def status(stack: Stack, capsys: pytest.CaptureFixture[str]) -> dict[int, tuple[str, int]]:
    capsys.readouterr()
    assert await command(stack, "status", "--json") == 0
    rows = json.loads(capsys.readouterr().out)
    return {row["epoch"]: (row["state"], row["rows"]) for row in rows}


async def a_case(gateway: Gateway, key: str) -> None:
    def work(ledger: Ledger) -> None:
        ledger.cases.open([an_opening(key)])

    await gateway.store.transact(work)


async def has_its_entry(gateway: Gateway) -> None:
    async def is_there() -> bool:
        return bool(await gateway.store.read(lambda views: views.ledger_history()))

    await until(is_there, "the history of the ledger begins")


async def test_a_ledger_comes_under_a_new_key_while_the_gateway_runs(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    gateway_settings = stack.gateway_settings()
    async with asyncio.timeout(60), a_gateway(gateway_settings) as gateway:
        await has_its_entry(gateway)
        await gateway.store.write_head()
        await a_case(gateway, "SQ1")
        assert await status(stack, capsys) == {1: ("启用", ENTRY + SEALS)}

        # A prepared key is known and seals nothing
        assert await command(stack, "prepare") == 0
        gateway.reload_keys()
        await a_case(gateway, "SQ2")
        assert await status(stack, capsys) == {1: ("启用", ENTRY + 2 * SEALS), 2: ("待启用", 0)}

        # An active one seals what comes, and then what was there
        assert await command(stack, "activate") == 0
        gateway.reload_keys()
        await a_case(gateway, "SQ3")

        async def nothing_under_the_old_key() -> bool:
            return (await status(stack, capsys))[1] == ("只用于解密", 0)

        await until(nothing_under_the_old_key)

        # The old one stays while it proves the head of the file: a start would refuse that
        assert await command(stack, "retire") == 1
        assert "进度文件" in capsys.readouterr().err
        await gateway.store.write_head()

        # Then it goes, and everything opens
        assert await command(stack, "retire") == 0
        gateway.reload_keys()
        assert await status(stack, capsys) == {2: ("启用", ENTRY + 3 * SEALS)}
        opened = await gateway.store.read(lambda views: views.contents(["SQ1", "SQ2", "SQ3"]))
        assert len(opened) == 3
        entries = await gateway.store.read(lambda views: views.ledger_history())
        assert [isinstance(one, LedgerEntry) for one in entries] == [True]
        path = sqlite_path(gateway_settings.store)
        assert path is not None
        assert find_replaced_ledger(path, load_sealer(gateway_settings.ledger_keys)) is None


async def test_a_key_that_a_row_needs_is_not_retired(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    async with asyncio.timeout(60), a_gateway(stack.gateway_settings()) as gateway:
        await has_its_entry(gateway)
        await a_case(gateway, "SQ1")

    await command(stack, "prepare")
    await command(stack, "activate")

    assert await command(stack, "retire") == 1
    assert f"仍有 {ENTRY + SEALS} 行" in capsys.readouterr().err
    assert set(sealing_keys.load(stack.keys / "ledger.json").data) == {1, 2}


async def test_what_an_earlier_program_stored_in_clear_is_shown_and_sealed_after_the_start(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = stack.gateway_settings()
    path = sqlite_path(settings.store)
    assert path is not None
    made = open_ledger(settings.store, sealer=load_sealer(settings.ledger_keys), now=utc_now)
    await made.close()
    async with asyncio.timeout(60):
        with closing(sqlite3.connect(path)) as file, file:
            entry = ("portal", "SQ1", "application", 1, "0" * 64, b"{}", 0)
            file.execute("INSERT INTO inbox VALUES (?, ?, ?, ?, ?, ?, ?)", entry)
        assert (await status(stack, capsys))[0] == ("未加密", 1)

        async with a_gateway(settings):

            async def everything_is_sealed() -> bool:
                return set(await status(stack, capsys)) == {1}

            await until(everything_is_sealed)


async def test_two_prepared_keys_are_one_too_many(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await command(stack, "prepare") == 0
    assert await command(stack, "prepare") != 0
    assert "请先执行 duijie gateway keys activate" in capsys.readouterr().err
    assert sealing_keys.load(stack.keys / "ledger.json").epoch == 1


async def test_keys_of_another_ledger_are_not_taken_at_a_reload(stack: Stack) -> None:
    async with asyncio.timeout(60), a_gateway(stack.gateway_settings()) as gateway:
        path = stack.keys / "ledger.json"
        path.unlink()
        sealing_keys.create(path)

        gateway.reload_keys()

        await a_case(gateway, "SQ1")
        opened = await gateway.store.read(lambda views: views.contents(["SQ1"]))
        assert len(opened) == 1
