"""活性: whoever watches the simulator from outside gets an answer without a key."""

import httpx

from simulator.app import Simulator
from simulator.config import NationalSettings, SimulatorSettings


async def test_the_simulator_says_that_it_is_alive() -> None:
    listening = NationalSettings(listen="127.0.0.1:0", control="127.0.0.1:0")
    simulator = Simulator(SimulatorSettings(national=listening))
    addresses = await simulator.start()
    try:
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.get(f"{addresses.national}/livez")
    finally:
        await simulator.stop()
    assert (answer.status_code, answer.text) == (200, "ok")
