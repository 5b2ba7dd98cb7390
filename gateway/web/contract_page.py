"""接口约定页: the contract to read, one page that holds all it needs and may load nothing."""

import asyncio
from collections.abc import Callable
from typing import Final

from gateway.web.calls import Answer, Call
from gateway.web.endpoints import Reach, UnsignedEndpoint

Page = Callable[[], bytes]
_ONLY_ITSELF: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def contract_page(page: Page) -> UnsignedEndpoint:
    """Return the endpoint that shows `page`, rendered in a thread of its own, to anybody."""

    async def show(_: Call) -> Answer:
        body = await asyncio.to_thread(page)
        policy = {"Content-Security-Policy": _ONLY_ITSELF}
        return Answer(body, media_type="text/html; charset=utf-8", headers=policy)

    return UnsignedEndpoint("docs", "GET", "/docs", Reach.ANYBODY, show)
