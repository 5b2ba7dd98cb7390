"""One listening address: an aiohttp application behind a connection limiter."""

import asyncio
from dataclasses import dataclass
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from transport.connection_limiter import ConnectionLimiter
from transport.errors import TransportMisconfigured
from transport.http_protocol import SERVER, HttpProtocol, Refusal
from transport.listen_address import ListenAddress
from transport.listening_socket import listen, remove_socket, stop_listening, url_of
from transport.tls import TlsInUse

FINISH_S: Final = 20.0


@dataclass(frozen=True, slots=True)
class Serving:
    """How an application is served: where the setting `setting` says, with `tls` over TLS.

    Port 0 takes a free one. `refusal` answers what is no request. `finish_s` is how long `finish`
    may take, whatever clients do. With `ends_with_client` a handler is cancelled when its client
    goes.
    """

    setting: str
    address: ListenAddress
    refusal: Refusal
    tls: TlsInUse | None = None
    finish_s: float = FINISH_S
    ends_with_client: bool = False


class Listener:
    """Serves one application; made by `open`, ended by `close` and then `finish`."""

    def __init__(
        self,
        runner: web.AppRunner,
        server: asyncio.Server,
        limiter: ConnectionLimiter,
        serving: Serving,
    ) -> None:
        self._runner, self._server, self._limiter = runner, server, limiter
        self._serving = serving
        self._sweep = asyncio.create_task(limiter.sweep())
        self.url: Final = url_of(server, "http" if serving.tls is None else "https")

    @classmethod
    async def open(
        cls, app: web.Application, limiter: ConnectionLimiter, serving: Serving
    ) -> "Listener":
        """Begin to serve `app`.

        Raises:
            TransportMisconfigured: The address cannot be taken.
        """
        app.middlewares.insert(0, _tells(limiter))
        app.on_response_prepare.append(_name_server)
        runner = web.AppRunner(
            app,
            handle_signals=False,
            handler_cancellation=serving.ends_with_client,
            shutdown_timeout=serving.finish_s / 2,  # aiohttp waits twice as long
        )
        await runner.setup()
        served = runner.server
        if served is None:
            raise RuntimeError("the application did not start")
        protocols = limiter.guard(lambda: HttpProtocol(served, serving.refusal))
        tls = None if serving.tls is None else serving.tls.for_a_server()
        try:
            server = await listen(protocols, serving.address, serving.setting, tls)
        except TransportMisconfigured:
            await runner.cleanup()
            raise
        return cls(runner, server, limiter, serving)

    async def close(self) -> None:
        """Take no new connection; a second time does nothing."""
        await stop_listening(self._server)

    async def finish(self) -> None:
        """Let requests in hand be answered, then end.

        A client that does not let its request end, because it sends no more of it or does not take
        the answer, is cut at half of the time; the other half is for what it was asking for.
        """
        await self.close()
        remove_socket(self._serving.address)
        loop = asyncio.get_running_loop()
        cutting = loop.call_later(self._serving.finish_s / 2, self._limiter.cut_all)
        await self._runner.cleanup()
        cutting.cancel()
        self._limiter.cut_all()
        self._sweep.cancel()
        await asyncio.wait([self._sweep])


def _tells(limiter: ConnectionLimiter) -> Middleware:
    """Return the middleware that tells `limiter` when a request's header is in, and its answer."""

    @web.middleware
    async def noted(request: web.Request, handler: Handler) -> web.StreamResponse:
        limiter.header_complete(request.protocol)
        try:
            return await handler(request)
        finally:
            limiter.answered(request.protocol)

    return noted


async def _name_server(_: web.Request, response: web.StreamResponse) -> None:
    """Let no answer name the library and the interpreter."""
    response.headers["Server"] = SERVER
