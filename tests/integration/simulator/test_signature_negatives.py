"""What is not signed right is refused by the national side and by agencies."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from duijie.demo.agencies import StandIn
from gateway.domain.delivery import Delivery
from schemas.signing import Suite
from tests.support.signature_negatives import negatives, taken
from tests.support.signing_client import SigningClient
from tests.support.stack import Stack, a_simulator, make_stack

AT_LEAST = 400
CODE = "4101050001"
PING = b'{"echo":"a word to be spoiled in every place"}'


@pytest.fixture(params=[Suite.HMAC_SHA256, Suite.ED25519])
async def stack(
    request: pytest.FixtureRequest, tmp_path: Path, anyio_backend: str
) -> AsyncIterator[Stack]:
    """Give a running national side, and an agency that takes pushes by this suite."""
    name = "金水区公共就业服务中心"
    pushed = StandIn(CODE, name, "410105", Delivery.PUSH, request.param, ("410105",))
    stack = make_stack(tmp_path, (pushed,))
    async with a_simulator(stack.simulator_settings()):
        yield stack


@pytest.mark.parametrize("side", ["national", "agency"])
async def test_hundreds_of_spoiled_requests_are_refused_and_the_next_good_one_is_taken(
    stack: Stack, side: str
) -> None:
    connection = stack.portal() if side == "national" else stack.push(CODE)
    path = "/national/v1/ping" if side == "national" else "/ping"
    async with aiohttp.ClientSession(skip_auto_headers=("User-Agent",)) as session:
        client = SigningClient(connection.base, connection.of_caller(), session)
        tried = list(negatives(client, path, PING))

        assert len(tried) >= AT_LEAST
        assert len({one.name for one in tried}) == len(tried)
        assert await taken(client, tried) == []
        signed = client.sign("POST", path, PING)
        assert (await client.send("POST", path, PING, signed.headers)).status == 200
        again = await client.send("POST", path, PING, signed.headers)
        assert (again.status, again.code) == (401, "signature.replayed")
