"""Problem bodies (问题说明): how the unsigned interfaces and pages say no."""

import logging
from typing import Final

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from schemas.calls.content_headers import PROBLEM_JSON
from schemas.calls.refusals import CallRefused
from simulator.exchanges.receipts import problem_of
from simulator.logs import say

_log: Final = logging.getLogger(__name__)
_SERVER_ERRORS: Final = 500


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn a refusal, and a path or method that does not exist, into a problem body."""
    try:
        return await handler(request)
    except CallRefused as refused:
        return problem_response(refused)
    except web.HTTPNotFound:
        return problem_response(CallRefused("route.unknown"))
    except web.HTTPMethodNotAllowed as exc:
        response = problem_response(CallRefused("method.not-allowed"))
        response.headers[hdrs.ALLOW] = ", ".join(sorted(exc.allowed_methods))
        return response
    except web.HTTPRequestEntityTooLarge:
        return problem_response(CallRefused("message.too-large"))


def problem_response(refused: CallRefused) -> web.Response:
    """Return the unsigned answer to a request that was refused."""
    body = problem_of(refused)
    return web.Response(body=body.wire(), status=body.status, content_type=PROBLEM_JSON)


def refuse_unreadable(status: int, exc: BaseException | None) -> web.Response:
    """Return the answer to what is no request, or to one that failed; only that is logged."""
    if status < _SERVER_ERRORS:
        return problem_response(CallRefused("message.malformed", "不是完整、合法的 HTTP 请求"))
    if exc is None:
        say(_log, logging.ERROR, "request.failed")
    else:
        say(_log, logging.ERROR, "request.failed", raised=exc)
    return problem_response(CallRefused("service.fault"))
