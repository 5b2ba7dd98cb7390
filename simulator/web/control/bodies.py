"""Reading requests and writing responses (收发) of the control interface, as JSON."""

from base64 import b64decode
from binascii import Error as Base64Error
from typing import Final, TypeVar

from aiohttp import web
from pydantic import ValidationError

from schemas.calls.content_headers import JSON
from schemas.calls.queries import whole_number
from schemas.records.field_errors import field_errors
from simulator.errors import RequestRefused, unfit_member
from simulator.web.control.requests import ControlRequest, InjectRequest
from simulator.web.control.responses import ControlResponse

MAX_NUMBER: Final = 9999
_DEFAULT_LIMIT: Final = 1000
_MAX_POSITION_DIGITS: Final = 12
R = TypeVar("R", bound=ControlRequest)


async def read_request(request: web.Request, model: type[R]) -> R:
    """Return the body of a request.

    Raises:
        RequestRefused: It is not JSON, or not such a request; the errors name its members.
    """
    if request.content_type != JSON:
        raise RequestRefused("message.unsupported-type")
    content = await request.read()
    try:
        return model.model_validate_json(content)
    except ValidationError as exc:
        errors = field_errors(exc, content)
        raise RequestRefused("message.invalid", errors=errors) from None


def content_of(request: InjectRequest) -> bytes:
    """Return the bytes to inject.

    Raises:
        RequestRefused: They are not base64.
    """
    if request.content is not None:
        return request.content.encode()
    try:
        return b64decode(request.content_base64 or "", validate=True)
    except Base64Error:
        raise unfit_member("content_base64", text="不是合法的 Base64") from None


def read_slice(request: web.Request) -> tuple[int, int]:
    """Return `after` and `limit` of a list's query.

    Raises:
        RequestRefused: They are not whole numbers, or `limit` is not from 1 to 9999.
    """
    text = request.query.get("after", "0")
    if not (text.isascii() and text.isdigit() and len(text) <= _MAX_POSITION_DIGITS):
        raise RequestRefused("query.invalid")
    limit = whole_number(request.query, "limit", _DEFAULT_LIMIT, minimum=1, maximum=MAX_NUMBER)
    return int(text), limit


def json_response(response: ControlResponse, *, status: int = 200) -> web.Response:
    """Return a response as JSON."""
    body = response.model_dump_json().encode()
    return web.Response(body=body, status=status, content_type=JSON)
