"""aiohttp's protocol of one connection, whose own refusals are ours in form and say nothing back.

What cannot be read as HTTP never reaches the request pipeline. aiohttp would answer it in plain
text with the bytes that it stumbled over, and name itself and the interpreter.
"""

import logging
from typing import Final

from aiohttp import web

from gateway.events import UNPROVEN, say
from gateway.web.problems import FAULT, answer_of, problem
from gateway.web.responses import response_of

LOG: Final = logging.getLogger(__name__)
_MALFORMED: Final = "message.malformed"
_SERVER_ERRORS: Final = 500


class HttpProtocol(web.RequestHandler):
    """Answers what cannot be read as HTTP with a problem body, and ends the connection."""

    __slots__ = ()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Return the answer to bytes that are no request, or to a request that nobody answered.

        Raises:
            ConnectionError: A part of another answer is sent already.
        """
        code = FAULT if status >= _SERVER_ERRORS else _MALFORMED
        level = logging.ERROR if code == FAULT else logging.WARNING
        if exc is None:
            say(LOG, level, "connection.refused", code=code, key_id=UNPROVEN)
        else:
            say(LOG, level, "connection.refused", code=code, key_id=UNPROVEN, raised=exc)
        if request.writer.output_size > 0:
            raise ConnectionError("an answer has begun already")
        response = response_of(answer_of(problem(code, None, None)))
        response.force_close()
        return response
