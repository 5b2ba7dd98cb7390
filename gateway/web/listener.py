"""One listening address: an aiohttp application behind a connection limiter."""

import asyncio
from typing import Final

from aiohttp import web

from gateway.errors import Misconfigured
from gateway.web.connection_limiter import KEEP_ALIVE_S, ConnectionLimiter

_BACKLOG: Final = 512
_MAX_HEADERS: Final = 64


class Listener:
    """Serves one application; made by `open`, ended by `close` and then `finish`."""

    def __init__(
        self, runner: web.AppRunner, server: asyncio.Server, sweep: "asyncio.Task[None]"
    ) -> None:
        self._runner, self._server, self._sweep = runner, server, sweep
        host, port = server.sockets[0].getsockname()[:2]
        self.url: Final = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    @classmethod
    async def open(
        cls,
        app: web.Application,
        limiter: ConnectionLimiter,
        *,
        host: str,
        port: int,
        finish_s: float = 30.0,
    ) -> "Listener":
        """Begin to serve `app`; port 0 takes a free one.

        Raises:
            Misconfigured: The address cannot be taken.
        """
        runner = web.AppRunner(
            app,
            handle_signals=False,
            access_log=None,
            keepalive_timeout=KEEP_ALIVE_S,
            shutdown_timeout=finish_s,
            auto_decompress=False,  # digests are over the bytes as received
            max_headers=_MAX_HEADERS,
        )
        await runner.setup()
        if runner.server is None:
            raise RuntimeError("the application did not start")
        loop = asyncio.get_running_loop()
        try:
            server = await loop.create_server(
                limiter.guard(runner.server), host, port, backlog=_BACKLOG
            )
        except OSError as exc:
            await runner.cleanup()
            raise Misconfigured(
                f"cannot listen on {host}:{port}: {exc.strerror or exc}; end what uses it, or "
                "set another address"
            ) from exc
        return cls(runner, server, asyncio.create_task(limiter.sweep()))

    def close(self) -> None:
        """Take no new connection."""
        self._server.close()

    async def finish(self) -> None:
        """Let requests in hand be answered, then end."""
        self.close()
        await self._runner.cleanup()
        self._sweep.cancel()
        await asyncio.wait([self._sweep])
