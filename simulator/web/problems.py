"""Problem bodies (问题说明): how the unsigned interfaces and pages say no."""

import logging
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler

from simulator.errors import RequestRefused
from simulator.exchanges.calls import PROBLEM_JSON
from simulator.exchanges.receipts import problem
from simulator.logs import say

_log: Final = logging.getLogger(__name__)
_SERVER_ERRORS: Final = 500


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn a refusal, and a path or method that does not exist, into a problem body."""
    try:
        return await handler(request)
    except RequestRefused as refused:
        return problem_response(refused)
    except web.HTTPNotFound:
        return problem_response(RequestRefused("route.unknown"))
    except web.HTTPMethodNotAllowed:
        return problem_response(RequestRefused("method.not-allowed"))
    except web.HTTPRequestEntityTooLarge:
        return problem_response(RequestRefused("message.too-large"))


def problem_response(refused: RequestRefused) -> web.Response:
    """Return the unsigned answer to a request that was refused."""
    body = problem(refused)
    return web.Response(body=body.wire(), status=body.status, content_type=PROBLEM_JSON)


def refuse_unreadable(status: int, exc: BaseException | None) -> web.Response:
    """Return the answer to what is no request, or to one that failed; only that is logged."""
    if status < _SERVER_ERRORS:
        return problem_response(RequestRefused("message.malformed"))
    if exc is None:
        say(_log, logging.ERROR, "request.failed")
    else:
        say(_log, logging.ERROR, "request.failed", raised=exc)
    return problem_response(RequestRefused("service.fault"))
