"""What a gateway or a simulator accepted in its last moment is closed, not left to a collector."""

import gc
import socket
from contextlib import ExitStack
from pathlib import Path

import pytest

from duijie.ports import HOST
from tests.support.stack import a_gateway, a_simulator, make_stack
from tests.support.until import give_way

TURNS = range(5)
"""Of the event loop, between a connection's arrival and the end of its server."""


def connect(port: int, opened: ExitStack) -> None:
    """Connect a few times; the server accepts when it has its turn."""
    for _ in range(5):
        opened.enter_context(socket.create_connection((HOST, port)))


@pytest.mark.parametrize("turns", TURNS)
async def test_a_gateway_that_drains_leaves_no_connection_open(tmp_path: Path, turns: int) -> None:
    stack = make_stack(tmp_path)
    with ExitStack() as opened:
        async with a_gateway(stack.gateway_settings()):
            connect(stack.plan.ports["gateway"], opened)
            await give_way(turns)

    gc.collect()  # a socket that nobody closed fails this test


@pytest.mark.parametrize("turns", TURNS)
async def test_a_simulator_that_stops_leaves_no_connection_open(tmp_path: Path, turns: int) -> None:
    stack = make_stack(tmp_path)
    with ExitStack() as opened:
        async with a_simulator(stack.simulator_settings(agencies=())):
            connect(stack.plan.ports["control"], opened)
            await give_way(turns)

    gc.collect()  # a socket that nobody closed fails this test
