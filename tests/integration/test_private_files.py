"""What the programs make of themselves is their owner's alone, whatever the umask says."""

import asyncio
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from duijie.demo.programs import Program
from tests.support.stack import a_gateway, a_simulator, make_stack


@pytest.fixture(params=[0o000, 0o022, 0o027, 0o077])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    """Set how open new files are by default."""
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def open_to_others(folder: Path) -> list[str]:
    """Return what below a folder, and the folder itself, others may do anything with."""
    found = [folder, *folder.rglob("*")]
    return [
        path.relative_to(folder).as_posix()
        for path in found
        if stat.S_IMODE(path.stat().st_mode) & 0o077
    ]


async def test_keys_settings_ledger_nonces_and_folders_are_private(
    umask: int, tmp_path: Path
) -> None:
    # Given a folder that the programs make, keys and settings in it
    folder = tmp_path / "province" / "own"
    stack = make_stack(folder)

    # When both have run, and the ledger with its side files and the nonces were written
    async with a_simulator(stack.simulator_settings()), a_gateway(stack.gateway_settings()):
        while_open = open_to_others(folder)
        names = {path.name for path in folder.rglob("*")}

    assert while_open == open_to_others(folder) == open_to_others(folder.parent) == []
    assert {"gateway.db", "gateway.db-wal", "gateway.db-shm", "gateway.db.lock"} <= names
    assert {"nonces-national.txt", "ledger.json", "gateway.toml", "simulator.toml"} <= names
    assert stat.S_IMODE((folder / "simulator").stat().st_mode) == 0o700


async def test_the_log_of_a_program_is_private(umask: int, tmp_path: Path) -> None:
    log = tmp_path / "program.log"
    program = await Program.start("program", ["--version"], log=log, ready="http://127.0.0.1:1/")
    await asyncio.wait_for(program.process.wait(), 60)

    assert stat.S_IMODE(log.stat().st_mode) == 0o600
