"""«Expect: 100-continue»: a client is told to send its body once its headers hold, not before."""

from typing import Final

from aiohttp import hdrs, web

_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"


async def expect_nothing(_: web.Request) -> None:
    """Send no «100 Continue» before the headers are verified, as aiohttp would.

    To be the expect handler of a route; `send_continue` is then called where its body is read.
    """


async def send_continue(request: web.Request) -> None:
    """Tell a client to send its body that asks first whether to.

    Where no route was found, aiohttp told it already.
    """
    if request.match_info.http_exception is not None:
        return
    if request.headers.get(hdrs.EXPECT, "").lower() == "100-continue":
        await request.writer.write(_CONTINUE)
        request.writer.output_size = 0  # aiohttp: nothing of the answer is written yet
