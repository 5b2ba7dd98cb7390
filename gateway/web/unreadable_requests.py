"""What the gateway answers to bytes that are no request, and to requests that nobody answered."""

import logging
from typing import Final

from aiohttp import web

from gateway.events import UNPROVEN, say
from gateway.web.problems import FAULT, answer_of
from gateway.web.responses import response_of
from schemas.calls.refusals import problem

LOG: Final = logging.getLogger(__name__)
_MALFORMED: Final = "message.malformed"
_SERVER_ERRORS: Final = 500


def refuse_unreadable(status: int, exc: BaseException | None) -> web.Response:
    """Return a problem body for what aiohttp would answer with `status`, and log that it came."""
    code = FAULT if status >= _SERVER_ERRORS else _MALFORMED
    level = logging.ERROR if code == FAULT else logging.WARNING
    if exc is None:
        say(LOG, level, "connection.refused", code=code, key_id=UNPROVEN)
    else:
        say(LOG, level, "connection.refused", code=code, key_id=UNPROVEN, raised=exc)
    detail = None if code == FAULT else "不是完整、合法的 HTTP 请求"
    return response_of(answer_of(problem(code, detail)))
