"""Access without a signature (访问限制): by a name that is ours, and for no page of another site.

A browser on this machine can be made to call any address, and a name of somebody else's can be
pointed here; both are told by `Host`, `Origin` and `Sec-Fetch-Site`, wherever a port is bound.
"""

import re
from collections.abc import Collection
from functools import wraps
from ipaddress import ip_address
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from schemas.signing.peer_urls import is_loopback
from simulator.errors import RequestRefused

_PORT: Final = re.compile(r":[0-9]{1,5}$")
_OF_OURS: Final = frozenset({"same-origin", "none"})
_SAFE: Final = frozenset({"GET", "HEAD"})


def control_access(names: Collection[str], *, beyond_loopback: bool) -> Middleware:
    """Return the middleware of the control interface, which no browser's page may call at all.

    Without `beyond_loopback` it is called by a name or an address of this machine only.
    """

    @web.middleware
    async def access(request: web.Request, handler: Handler) -> web.StreamResponse:
        local = is_loopback(_name(request.host))
        known = local or (beyond_loopback and _names_us(request.host, names))
        if not known or "Origin" in request.headers or not _is_ours(request):
            raise RequestRefused("auth.not-allowed", "控制接口仅供本机使用")
        return await handler(request)

    return access


def page_access(handler: Handler, names: Collection[str]) -> Handler:
    """Return the handler of a page that refuses foreign names, and what another site posts."""

    @wraps(handler)
    async def access(request: web.Request) -> web.StreamResponse:
        if not _names_us(request.host, names):
            raise RequestRefused("auth.not-allowed", "主机名不在允许范围内")
        if request.method not in _SAFE and not (_is_ours(request) and _comes_from_here(request)):
            raise RequestRefused("auth.not-allowed", "不接受其他网站提交的内容")
        return await handler(request)

    return access


def _names_us(host_header: str, names: Collection[str]) -> bool:
    """Say whether a Host header is an address, or a name that is known to be ours.

    An address cannot be pointed here by somebody else, as a name can.
    """
    name = _name(host_header)
    return name == "localhost" or name in names or _is_address(name)


def _is_ours(request: web.Request) -> bool:
    """Say whether a browser, if it is one, says that no other site is behind the request."""
    return set(request.headers.getall("Sec-Fetch-Site", [])) <= _OF_OURS


def _comes_from_here(request: web.Request) -> bool:
    origins = request.headers.getall("Origin", [])
    return all(origin.partition("://")[2] == request.host for origin in origins)


def _name(host_header: str) -> str:
    return _PORT.sub("", host_header).strip("[]").lower()


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
