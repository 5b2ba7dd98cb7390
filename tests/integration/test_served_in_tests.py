"""The servers of tests: what they accepted in their last moment is closed, not left behind."""

import gc
import socket
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, ExitStack
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from duijie.ports import HOST
from tests.support.serving import served, served_bytes
from tests.support.until import give_way

TURNS = range(5)
"""Of the event loop, between a connection's arrival and the end of its server."""
Server = AbstractAsyncContextManager[str]


def serve_application() -> Server:
    return served(web.Application())


def serve_bytes() -> Server:
    return served_bytes(lambda _, writer: writer.close())


@pytest.mark.parametrize("serve", [serve_application, serve_bytes])
async def test_a_server_that_stops_amid_connections_leaves_none_open(
    serve: Callable[[], Server],
) -> None:
    with ExitStack() as opened:
        for turns in TURNS:
            async with serve() as url:
                for _ in range(5):
                    opened.enter_context(socket.create_connection((HOST, urlsplit(url).port)))
                await give_way(turns)

    await give_way(max(TURNS))  # what was closed is gone
    gc.collect()  # a socket that nobody closed fails this test
