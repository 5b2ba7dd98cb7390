"""The peer of B3 is really there: its own client exchanges messages with its own server.

Run by `pytest -m peer` once `make bench-peer` has installed it.
"""

import pytest

from bench.peer.sandbox import exchanges_a_second, peer_python
from tests.support.needs import absent

pytestmark = pytest.mark.peer


@pytest.mark.parametrize("under_way", [1, 64])
async def test_every_exchange_with_the_sandbox_is_completed(under_way: int) -> None:
    python = peer_python() or absent("MESH sandbox", "make bench-peer")

    assert await exchanges_a_second(python, under_way=under_way, count=2 * under_way) > 0
