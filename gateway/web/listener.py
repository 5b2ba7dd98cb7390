"""One listening address: an aiohttp application behind a connection limiter."""

import asyncio
from typing import Final

from aiohttp import web

from gateway.errors import Misconfigured
from gateway.web.connection_limiter import KEEP_ALIVE_S, ConnectionLimiter
from gateway.web.listen_address import ListenAddress
from gateway.web.listening_socket import listen, remove_socket, url_of

_MAX_HEADERS: Final = 64
LINGER_S: Final = 2.0
"""How long the rest of a refused body is read and dropped, so that its sender sees why."""


class Listener:
    """Serves one application; made by `open`, ended by `close` and then `finish`."""

    def __init__(
        self,
        runner: web.AppRunner,
        server: asyncio.Server,
        sweep: "asyncio.Task[None]",
        address: ListenAddress,
    ) -> None:
        self._runner, self._server, self._sweep = runner, server, sweep
        self._address = address
        self.url: Final = url_of(server)

    @classmethod
    async def open(
        cls,
        app: web.Application,
        limiter: ConnectionLimiter,
        *,
        address: ListenAddress,
        setting: str,
        finish_s: float = 30.0,
    ) -> "Listener":
        """Begin to serve `app` where the setting `setting` says; port 0 takes a free one.

        Raises:
            Misconfigured: The address cannot be taken.
        """
        runner = web.AppRunner(
            app,
            handle_signals=False,
            access_log=None,
            keepalive_timeout=KEEP_ALIVE_S,
            lingering_time=LINGER_S,
            shutdown_timeout=finish_s,
            auto_decompress=False,  # digests are over the bytes as received
            max_headers=_MAX_HEADERS,
        )
        await runner.setup()
        if runner.server is None:
            raise RuntimeError("the application did not start")
        try:
            server = await listen(limiter.guard(runner.server), address, setting)
        except Misconfigured:
            await runner.cleanup()
            raise
        return cls(runner, server, asyncio.create_task(limiter.sweep()), address)

    def close(self) -> None:
        """Take no new connection."""
        self._server.close()

    async def finish(self) -> None:
        """Let requests in hand be answered, then end."""
        self.close()
        remove_socket(self._address)
        await self._runner.cleanup()
        self._sweep.cancel()
        await asyncio.wait([self._sweep])
