"""aiohttp's protocol of one connection, whose own refusals are the server's in form.

What cannot be read as HTTP never reaches an application. aiohttp would answer it in plain text with
the bytes that it stumbled over, and name itself and the interpreter.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from aiohttp import web

from transport.connection_limiter import KEEP_ALIVE_S

MAX_HEADERS: Final = 64
SERVER: Final = "duijie"
"""What an answer names as its server, instead of library and interpreter."""
_NO_ACCESS_LOG: Final = logging.Logger("access", logging.CRITICAL + 1)
LINGER_S: Final = 2.0
"""How long the rest of a refused body is read and dropped, so that its sender sees why."""

Refusal = Callable[[int, BaseException | None], web.Response]
"""Makes the answer to what is no request (status below 500), or to a request nobody answered."""


class HttpProtocol(web.RequestHandler):
    """Answers what cannot be read as HTTP by `refusal`, and ends the connection."""

    __slots__ = ("_refusal",)

    def __init__(self, server: web.Server, refusal: Refusal) -> None:
        super().__init__(
            server,
            loop=asyncio.get_running_loop(),
            access_log=_NO_ACCESS_LOG,
            keepalive_timeout=KEEP_ALIVE_S,
            lingering_time=LINGER_S,
            auto_decompress=False,  # digests are over the bytes as received
            max_headers=MAX_HEADERS,
        )
        self._refusal = refusal

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Return the answer to bytes that are no request, or to a request that nobody answered.

        Raises:
            ConnectionError: A part of another answer is sent already.
        """
        response = self._refusal(status, exc)
        if request.writer.output_size > 0:
            raise ConnectionError("an answer has begun already")
        response.headers["Server"] = SERVER
        response.force_close()
        return response
