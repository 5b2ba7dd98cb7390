"""Addresses: a socket for its owner only, what was left behind, what cannot be taken."""

import asyncio
import socket
import stat
from pathlib import Path

import aiohttp
import pytest

from gateway.config import Settings
from gateway.errors import Misconfigured
from tests.integration.gateway.harness import stack_of_two
from tests.support.stack import a_gateway


async def test_the_console_on_a_socket_is_for_the_owner_of_the_process_only(
    tmp_path: Path,
) -> None:
    path = tmp_path / "console.sock"
    settings = stack_of_two(tmp_path).gateway_settings()
    on_socket = settings.model_copy(update={"console": f"unix:{path}"})
    async with asyncio.timeout(30):
        async with a_gateway(on_socket) as gateway:
            assert gateway.addresses.console == f"unix:{path}"
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
            assert await asked(path, {}) == 200
            assert await asked(path, {"Host": "console.example"}) == 403
            assert await asked(path, {"X-Forwarded-For": "192.0.2.7"}) == 403

    assert not path.exists()


async def asked(path: Path, headers: dict[str, str]) -> int:
    """Return the status of the list of cases, asked for over a socket."""
    async with (
        aiohttp.ClientSession(connector=aiohttp.UnixConnector(str(path))) as session,
        session.get("http://localhost/", headers=headers) as answer,
    ):
        return answer.status


async def test_the_socket_of_a_killed_process_is_replaced_and_that_of_a_running_one_is_not(
    tmp_path: Path,
) -> None:
    path = tmp_path / "console.sock"
    with socket.socket(socket.AF_UNIX) as killed:
        killed.bind(str(path))
    settings = stack_of_two(tmp_path).gateway_settings()
    on_socket = settings.model_copy(update={"console": f"unix:{path}"})
    elsewhere = {"listen": "127.0.0.1:0", "health": "127.0.0.1:0"}
    async with asyncio.timeout(30), a_gateway(on_socket):
        second = on_socket.model_copy(
            update={**elsewhere, "store": f"sqlite:///{tmp_path}/second.db"}
        )
        with pytest.raises(
            Misconfigured, match=r"console: cannot listen on unix:.*end what uses it"
        ):
            await started(second)

        assert await asked(path, {}) == 200


@pytest.mark.parametrize(
    ("setting", "address", "cure"),
    [
        ("listen", "192.0.2.7:0", "listen: .* set an address that this machine has"),
        ("console", "unix:/absent/console.sock", "console: .* make the folder first"),
    ],
)
async def test_what_cannot_be_taken_is_named_with_its_cure(
    tmp_path: Path, setting: str, address: str, cure: str
) -> None:
    settings = stack_of_two(tmp_path).gateway_settings().model_copy(update={setting: address})

    with pytest.raises(Misconfigured, match=cure):
        await started(settings)


async def started(settings: Settings) -> None:
    """Start a gateway and end it."""
    async with a_gateway(settings):
        pass
