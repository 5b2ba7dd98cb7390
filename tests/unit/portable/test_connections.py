"""A connection is ended at once; one that has ended already stays so, in every Python."""

import asyncio
from urllib.parse import urlsplit

from portable import connections
from tests.support.serving import served_bytes


class LostOverTls(asyncio.WriteTransport):
    """A transport whose TLS is gone: at its end it raises, as in Python 3.11.2."""

    def abort(self) -> None:
        """Raise."""
        raise AttributeError("'NoneType' object has no attribute '_abort'")


async def test_a_connection_is_cut_and_a_second_time_too() -> None:
    ended = asyncio.Event()

    async def wait(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()
        ended.set()

    async with served_bytes(wait) as url:
        _, writer = await asyncio.open_connection("127.0.0.1", urlsplit(url).port)
        connections.cut(writer.transport)
        connections.cut(writer.transport)
        async with asyncio.timeout(10):
            await ended.wait()


def test_one_that_has_ended_already_stays_so() -> None:
    connections.cut(LostOverTls())
