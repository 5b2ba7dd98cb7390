"""负载均衡: what stands in front of several gateways: one port that passes connections on."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

from duijie.ports import HOST
from tests.support.serving import served_bytes


@asynccontextmanager
async def a_balancer(port: int, behind: Sequence[int]) -> AsyncIterator[None]:
    """Pass connections to the ports `behind` in turn, leaving out those that do not answer."""
    turns = itertools.count()
    passing: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def serve(near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        first = next(turns)
        for at in range(len(behind)):
            with suppress(ConnectionError):
                far, onward = await asyncio.open_connection(
                    HOST, behind[(first + at) % len(behind)]
                )
                await asyncio.gather(_passed(near, onward), _passed(far, back))
                return
        back.close()

    def accept(near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(serve(near, back))
        passing[task] = back
        task.add_done_callback(passing.pop)

    try:
        async with served_bytes(accept, port):
            yield
    finally:
        ended = dict(passing)
        for task in ended:
            task.cancel()
        await asyncio.gather(*ended, return_exceptions=True)
        for back in ended.values():
            back.close()  # a task that was cancelled before its first step has not


async def _passed(near: asyncio.StreamReader, onward: asyncio.StreamWriter) -> None:
    """Pass bytes on until the stream ends, and then its end."""
    try:
        while block := await near.read(1 << 16):
            onward.write(block)
            await onward.drain()
    except ConnectionError:
        pass  # one side is gone; closing below ends the other
    finally:
        onward.close()
