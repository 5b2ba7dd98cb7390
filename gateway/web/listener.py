"""One listening address: an aiohttp application behind a connection limiter."""

import asyncio
import ssl
from typing import Final

from aiohttp import web

from gateway.errors import Misconfigured
from gateway.web.connection_limiter import KEEP_ALIVE_S, ConnectionLimiter

_BACKLOG: Final = 512
_MAX_HEADERS: Final = 64
HANDSHAKE_S: Final = 10.0
"""How long a TLS handshake may take."""


class Listener:
    """Serves one application; made by `open`, ended by `close` and then `finish`."""

    def __init__(
        self,
        runner: web.AppRunner,
        server: asyncio.Server,
        sweep: "asyncio.Task[None]",
        scheme: str,
    ) -> None:
        self._runner, self._server, self._sweep = runner, server, sweep
        host, port = server.sockets[0].getsockname()[:2]
        named = f"[{host}]" if ":" in host else host
        self.url: Final = f"{scheme}://{named}:{port}"

    @classmethod
    async def open(
        cls,
        app: web.Application,
        limiter: ConnectionLimiter,
        *,
        host: str,
        port: int,
        tls: ssl.SSLContext | None = None,
        finish_s: float = 30.0,
    ) -> "Listener":
        """Begin to serve `app`, with `tls` over TLS; port 0 takes a free one.

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
                limiter.guard(runner.server),
                host,
                port,
                backlog=_BACKLOG,
                ssl=tls,
                ssl_handshake_timeout=None if tls is None else HANDSHAKE_S,
            )
        except OSError as exc:
            await runner.cleanup()
            raise Misconfigured(
                f"cannot listen on {host}:{port}: {exc.strerror or exc}; end what uses it, or "
                "set another address"
            ) from exc
        scheme = "http" if tls is None else "https"
        return cls(runner, server, asyncio.create_task(limiter.sweep()), scheme)

    def close(self) -> None:
        """Take no new connection."""
        self._server.close()

    async def finish(self) -> None:
        """Let requests in hand be answered, then end."""
        self.close()
        await self._runner.cleanup()
        self._sweep.cancel()
        await asyncio.wait([self._sweep])
