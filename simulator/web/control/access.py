"""Access to the control interface (访问限制): this machine only, and no page of another site."""

from aiohttp import web
from aiohttp.typedefs import Handler

from schemas.signing.peer_urls import is_loopback
from simulator.errors import RequestRefused
from simulator.web.problems import problem_response


@web.middleware
async def local_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Serve requests to a loopback name only, so that no other name can be pointed here."""
    host = request.host.rpartition(":")[0] or request.host
    if not is_loopback(host) or "Origin" in request.headers:
        return problem_response(RequestRefused("auth.not-allowed", "控制接口只供本机使用"))
    return await handler(request)
