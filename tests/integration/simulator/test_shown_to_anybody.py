"""无需密钥: what the simulator shows to anybody: that it lives, and the contract."""

import httpx

from contracts.docs.page import page
from simulator.app import Simulator
from simulator.config import NationalSettings, SimulatorSettings


async def shown(path: str) -> httpx.Response:
    listening = NationalSettings(listen="127.0.0.1:0", control="127.0.0.1:0")
    simulator = Simulator(SimulatorSettings(national=listening))
    addresses = await simulator.start()
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
            return await client.get(f"{addresses.national}{path}")
    finally:
        await simulator.stop()


async def test_the_simulator_says_that_it_is_alive() -> None:
    answer = await shown("/livez")
    assert (answer.status_code, answer.text) == (200, "ok")


async def test_the_simulator_shows_the_contract() -> None:
    answer = await shown("/docs")
    assert answer.status_code == 200
    assert answer.content == page()
    assert "default-src 'none'" in answer.headers["content-security-policy"]
