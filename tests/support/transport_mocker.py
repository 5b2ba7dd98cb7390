"""Answers scripted with respx for `AiohttpTransport.exchange`, the way that signed calls take."""

from typing import Any, ClassVar

import httpx
from multidict import CIMultiDict, CIMultiDictProxy
from respx.mocks import AbstractRequestMocker

from gateway.adapters.aiohttp_transport import AiohttpTransport, TransportAnswer


class TransportMocker(AbstractRequestMocker):
    """Shows what is sent to respx as an httpx request, and its httpx response as an answer."""

    name: ClassVar[str] = "exchange"
    targets: ClassVar[list[str]] = [f"{AiohttpTransport.__module__}.{AiohttpTransport.__name__}"]
    target_methods: ClassVar[list[str]] = [AiohttpTransport.exchange.__name__]

    @classmethod
    def to_httpx_request(cls, **sent: Any) -> httpx.Request:
        """Return the request as sent."""
        method, url, headers = sent["method"], sent["url"], sent["headers"]
        return httpx.Request(method, url, headers=headers, content=sent["body"])

    @classmethod
    async def from_async_httpx_response(
        cls, httpx_response: httpx.Response, target: AiohttpTransport, **_: Any
    ) -> TransportAnswer:
        """Return the answer as the transport gives it."""
        lines = CIMultiDict(httpx_response.headers.multi_items())
        content = await httpx_response.aread()
        return TransportAnswer(httpx_response.status_code, CIMultiDictProxy(lines), content)
