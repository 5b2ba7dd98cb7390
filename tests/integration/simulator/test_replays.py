"""A message cannot be replayed to the simulator after it was started again."""

import logging
from pathlib import Path

import aiohttp
import pytest

from simulator.config import NationalSettings, SimulatorSettings
from simulator.errors import SettingsRefused
from tests.support.signing_client import SigningClient
from tests.support.stack import Connection, a_simulator, make_stack
from tests.system.external_client import CITY

PING = b'{"echo":"again"}'


async def test_a_message_from_before_a_restart_is_refused_on_both_sides(tmp_path: Path) -> None:
    stack = make_stack(tmp_path)
    settings = stack.simulator_settings()
    async with aiohttp.ClientSession() as session:

        def at(connection: Connection) -> SigningClient:
            return SigningClient(connection.base, connection.of_caller(), session)

        sides = ((at(stack.portal()), "/national/v1/ping"), (at(stack.push(CITY)), "/ping"))
        sent = [(client, path, client.sign("POST", path, PING).headers) for client, path in sides]
        async with a_simulator(settings):
            first = [await one.send("POST", path, PING, headers) for one, path, headers in sent]
        async with a_simulator(settings):
            again = [await one.send("POST", path, PING, headers) for one, path, headers in sent]

    assert [one.status for one in first] == [200, 200]
    assert [(one.status, one.code) for one in again] == [(401, "signature.replayed")] * 2
    assert (tmp_path / "simulator").stat().st_mode & 0o077 == 0


async def test_without_a_folder_the_simulator_says_that_it_forgets(
    caplog: pytest.LogCaptureFixture,
) -> None:
    listening = NationalSettings(listen="127.0.0.1:0", control="127.0.0.1:0")
    with caplog.at_level(logging.WARNING):
        async with a_simulator(SimulatorSettings(national=listening)):
            pass
    assert "nonces.in-memory" in [one.msg for one in caplog.records]


async def test_a_folder_that_cannot_be_written_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "taken").write_bytes(b"")
    listening = NationalSettings(listen="127.0.0.1:0", control="127.0.0.1:0")
    settings = SimulatorSettings(national=listening, folder=tmp_path / "taken")
    with pytest.raises(SettingsRefused, match="choose one that can be written"):
        async with a_simulator(settings):
            pass
