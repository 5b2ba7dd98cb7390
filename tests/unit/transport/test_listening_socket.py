"""A listening address is given up on every loop."""

import asyncio

from transport.listen_address import read_tcp_address
from transport.listening_socket import listen, stop_listening


class LoopWithoutReaders(asyncio.SelectorEventLoop):
    """A loop like that of Windows, which accepts ahead instead of watching sockets."""

    def remove_reader(self, fd: object) -> bool:
        """Say that there is no such thing."""
        raise NotImplementedError


def test_a_loop_that_watches_no_sockets_stops_listening() -> None:
    async def run() -> None:
        server = await listen(asyncio.Protocol, read_tcp_address("127.0.0.1:0"), "listen")
        await stop_listening(server)
        assert not server.is_serving()

    with asyncio.Runner(loop_factory=LoopWithoutReaders) as runner:
        runner.run(run())
