"""The body of a request (正文): the bytes as received, within size and time."""

import asyncio
from typing import Final

from aiohttp import hdrs, web

from portable import connections
from schemas.calls.content_headers import check_transport
from schemas.calls.refusals import CallRefused
from transport.expectations import send_continue

BODY_S: Final = 30.0


async def read_body(request: web.Request, body_s: float) -> bytes:
    """Return the body as received.

    Raises:
        CallRefused: It is too long, compressed, or does not come in time.
    """
    if not request.body_exists:
        return b""
    check_transport(request.headers.getall(hdrs.CONTENT_ENCODING, []), request.content_length)
    await send_continue(request)
    try:
        async with asyncio.timeout(body_s):
            return await request.read()
    except TimeoutError:
        if request.transport is not None:
            connections.cut(request.transport)
        raise CallRefused("message.malformed", f"正文未在 {body_s:g} 秒内接收完毕") from None
    except web.HTTPRequestEntityTooLarge:
        raise CallRefused("message.too-large") from None
