"""One listening address: an aiohttp application behind a connection limiter."""

import asyncio
import logging
import ssl
from functools import partial
from typing import Final

from aiohttp import web

from gateway.errors import Misconfigured
from gateway.web.connection_limiter import KEEP_ALIVE_S, ConnectionLimiter
from gateway.web.http_protocol import HttpProtocol
from gateway.web.listening_socket import listen, remove_socket, stop_listening, url_of
from schemas.signing.listen_address import ListenAddress

_MAX_HEADERS: Final = 64
_NO_ACCESS_LOG: Final = logging.Logger("access", logging.CRITICAL + 1)
FINISH_S: Final = 20.0
LINGER_S: Final = 2.0
"""How long the rest of a refused body is read and dropped, so that its sender sees why."""


class Listener:
    """Serves one application; made by `open`, ended by `close` and then `finish`."""

    def __init__(
        self,
        runner: web.AppRunner,
        server: asyncio.Server,
        limiter: ConnectionLimiter,
        *,
        address: ListenAddress,
        finish_s: float,
        is_tls: bool,
    ) -> None:
        self._runner, self._server, self._limiter = runner, server, limiter
        self._address, self._finish_s = address, finish_s
        self._sweep = asyncio.create_task(limiter.sweep())
        self.url: Final = url_of(server, "https" if is_tls else "http")

    @classmethod
    async def open(
        cls,
        app: web.Application,
        limiter: ConnectionLimiter,
        *,
        address: ListenAddress,
        setting: str,
        tls: ssl.SSLContext | None = None,
        finish_s: float = FINISH_S,
    ) -> "Listener":
        """Begin to serve `app` where the setting `setting` says, with `tls` over TLS.

        Port 0 takes a free one.

        `finish_s` is how long `finish` may take, whatever clients do.

        Raises:
            Misconfigured: The address cannot be taken.
        """
        runner = web.AppRunner(
            app,
            handle_signals=False,
            shutdown_timeout=finish_s / 2,  # aiohttp waits twice as long
        )
        await runner.setup()
        if runner.server is None:
            raise RuntimeError("the application did not start")
        try:
            protocols = partial(_protocol, runner.server)
            server = await listen(limiter.guard(protocols), address, setting, tls)
        except Misconfigured:
            await runner.cleanup()
            raise
        return cls(
            runner, server, limiter, address=address, finish_s=finish_s, is_tls=tls is not None
        )

    async def close(self) -> None:
        """Take no new connection; a second time does nothing."""
        await stop_listening(self._server)

    async def finish(self) -> None:
        """Let requests in hand be answered, then end.

        A client that does not let its request end, because it sends no more of it or does not take
        the answer, is cut at half of the time; the other half is for what it was asking for.
        """
        await self.close()
        remove_socket(self._address)
        loop = asyncio.get_running_loop()
        cutting = loop.call_later(self._finish_s / 2, self._limiter.cut_all)
        await self._runner.cleanup()
        cutting.cancel()
        self._limiter.cut_all()
        self._sweep.cancel()
        await asyncio.wait([self._sweep])


def _protocol(server: web.Server) -> HttpProtocol:
    """Return the protocol of one more connection."""
    return HttpProtocol(
        server,
        loop=asyncio.get_running_loop(),
        access_log=_NO_ACCESS_LOG,
        keepalive_timeout=KEEP_ALIVE_S,
        lingering_time=LINGER_S,
        auto_decompress=False,  # digests are over the bytes as received
        max_headers=_MAX_HEADERS,
    )
