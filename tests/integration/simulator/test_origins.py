"""Who may call without a signature: no foreign name, and no page of another site."""

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import aiohttp
import pytest

from simulator.app import Simulator
from simulator.app.lifecycle import Addresses
from simulator.config import NationalSettings, SimulatorSettings
from tests.support.stack import a_simulator

CONTROL, PAGES = "/control/v1/summary", "/"
NATIONAL = NationalSettings(listen="127.0.0.1:0", control="127.0.0.1:0", names=("entry.test",))
OPEN = NATIONAL.model_copy(update={"control": "0.0.0.0:0", "control_beyond_loopback": True})
FOREIGN = ("evil.example", "evil.example:8601", "127.0.0.1.evil.example", "localhost.evil", "", "[")
OTHER_SITES = (
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
)


@pytest.fixture
async def session(anyio_backend: str) -> AsyncIterator[aiohttp.ClientSession]:
    """Give a session of a client that sends what it is told."""
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture(params=["loopback", "beyond"])
async def simulator(request: pytest.FixtureRequest, anyio_backend: str) -> AsyncIterator[Simulator]:
    """Give a simulator whose control interface is bound to loopback, or to every address."""
    national = NATIONAL if request.param == "loopback" else OPEN
    async with a_simulator(SimulatorSettings(national=national)) as running:
        yield running


def control(here: Addresses) -> str:
    return f"http://127.0.0.1:{urlsplit(here.control).port}"


async def status(
    session: aiohttp.ClientSession, url: str, headers: dict[str, str], method: str = "GET"
) -> int:
    async with session.request(method, url, headers=headers, allow_redirects=False) as answer:
        return answer.status


@pytest.mark.parametrize("host", FOREIGN)
async def test_a_foreign_name_is_refused_wherever_a_port_is_bound(
    simulator: Simulator, session: aiohttp.ClientSession, host: str
) -> None:
    here = simulator.addresses
    assert await status(session, control(here) + CONTROL, {"Host": host}) in {400, 403}
    for path in (PAGES, "/progress/SY1", "/assets/style.css", "/docs"):
        assert await status(session, here.national + path, {"Host": host}) in {400, 403}


@pytest.mark.parametrize("headers", OTHER_SITES)
async def test_a_page_of_another_site_can_neither_steer_nor_file(
    simulator: Simulator, session: aiohttp.ClientSession, headers: dict[str, str]
) -> None:
    here = simulator.addresses
    assert await status(session, control(here) + CONTROL, headers) == 403
    for path in ("reset", "applications", "faults"):
        assert await status(session, f"{control(here)}/control/v1/{path}", headers, "POST") == 403
    assert await status(session, here.national + PAGES, headers, "POST") == 403
    assert simulator.entry.book.applications.after(0, 1) == []


async def test_our_names_and_our_own_page_are_let_in(
    simulator: Simulator, session: aiohttp.ClientSession
) -> None:
    here = simulator.addresses
    assert await status(session, control(here) + CONTROL, {}) == 200
    for host in ("localhost:1", "127.0.0.1", "[::1]:8600", "192.0.2.7", "entry.test"):
        assert await status(session, here.national + PAGES, {"Host": host}) == 200
    own = {"Origin": here.national, "Sec-Fetch-Site": "same-origin"}
    empty_form = await status(session, here.national + PAGES, own, "POST")
    assert empty_form == 422


@pytest.mark.parametrize(
    ("national", "host", "expected"),
    [
        (NATIONAL, "entry.test", 403),
        (NATIONAL, "192.0.2.7", 403),
        (OPEN, "entry.test", 200),
        (OPEN, "192.0.2.7", 200),
    ],
)
async def test_control_has_names_beyond_this_machine_only_where_it_is_bound_so(
    session: aiohttp.ClientSession, national: NationalSettings, host: str, expected: int
) -> None:
    async with a_simulator(SimulatorSettings(national=national)) as running:
        url = control(running.addresses) + CONTROL
        assert await status(session, url, {"Host": host}) == expected
