"""The body of a request: the bytes as received, within size and time."""

import asyncio
from typing import Final

from aiohttp import hdrs, web

from schemas.calls.content_headers import check_transport
from schemas.calls.refusals import CallRefused
from transport.connection_limiter import ConnectionLimiter
from transport.expectations import send_continue

BODY_S: Final = 30.0


async def read_body(request: web.Request, limiter: ConnectionLimiter, body_s: float) -> bytes:
    """Return the bytes of an announced body, or none where there is no body.

    Raises:
        CallRefused: It is compressed or too long, judged by its headers before a byte is waited
            for; or not complete within `body_s` seconds, and the connection is cut as well.
    """
    if not request.body_exists:
        return b""
    check_transport(request.headers.getall(hdrs.CONTENT_ENCODING, []), request.content_length)
    await send_continue(request)
    try:
        if request.content.is_eof():  # all of it came with the header, as nearly always
            return await request.read()
        async with asyncio.timeout(body_s):
            return await request.read()
    except TimeoutError:
        limiter.cut(request.protocol, "slow-body")
        raise CallRefused("message.malformed", f"正文未在 {body_s:g} 秒内接收完毕") from None
    except web.HTTPRequestEntityTooLarge:
        raise CallRefused("message.too-large") from None
