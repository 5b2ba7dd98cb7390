"""The body of a request: the bytes as received, within size and time."""

import asyncio
from typing import Final

from aiohttp import web

from gateway.errors import RequestRefused
from gateway.web.calls import JSON
from schemas.records.strict_json import LONGEST_BODY_BYTES
from transport.connection_limiter import ConnectionLimiter

BODY_S: Final = 30.0


def check_announced_body(request: web.Request) -> None:
    """Judge a body by the headers that announce it; not a byte of it is waited for.

    Raises:
        RequestRefused: It is too large, or of another type.
    """
    if not request.body_exists:
        return
    if (request.content_length or 0) > LONGEST_BODY_BYTES:
        raise RequestRefused("message.too-large", f"more than {LONGEST_BODY_BYTES} bytes")
    if request.content_type != JSON or "Content-Encoding" in request.headers:
        raise RequestRefused("message.unsupported-type", "application/json without encoding")


async def read_body(request: web.Request, limiter: ConnectionLimiter, body_s: float) -> bytes:
    """Return the bytes of an announced body, or none where there is no body.

    Raises:
        RequestRefused: It is not complete within `body_s` seconds; the connection is cut as well.
    """
    if not request.body_exists:
        return b""
    if request.content.is_eof():  # all of it came with the header, as nearly always
        return await request.read()
    try:
        async with asyncio.timeout(body_s):
            return await request.read()
    except TimeoutError:
        limiter.cut(request.protocol, "slow-body")
        raise RequestRefused("message.malformed", f"body not complete in {body_s:g} s") from None
