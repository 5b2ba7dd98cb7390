"""A signed call (调用) and its answer, as its handler sees them: without HTTP or signatures."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from schemas.records.strict_json import Malformed, RawItem, read_page
from simulator.errors import RequestRefused

JSON: Final = "application/json"
PROBLEM_JSON: Final = "application/problem+json"
DEFAULT_LIMIT: Final = 100
MAX_ITEMS: Final = 200
_MAX_DIGITS: Final = 4


@dataclass(frozen=True, slots=True)
class Call:
    """An authenticated request: what is asked, by which key, with which body.

    `operation` is the operation's id in the contract; `trace_id` is that of the peer's
    `traceparent`, else one made up here.
    """

    operation: str
    key_id: str
    query: Mapping[str, str]
    body: bytes
    trace_id: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back, before it is signed.

    `record` names the published schema the body is checked against; a feed page keeps its items
    apart, each checked when it was filed, so that it is not checked again at every delivery.
    """

    record: str
    body: bytes = b""
    status: int = 200
    items: tuple[bytes, ...] | None = None
    numbers: tuple[str, ...] = ()
    more: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)


CallHandler = Callable[[Call], Awaitable[Answer]]
"""Does what a call asks for; an operation of the contract has one."""


def batch_items(body: bytes, member: str) -> list[RawItem]:
    """Return the 1 to 200 items of a batch, each as raw as it came.

    Raises:
        RequestRefused: The batch cannot be read, has other members, or too few or too many items.
    """
    try:
        rest, items = read_page(body, member)
    except Malformed:
        raise RequestRefused("message.malformed") from None
    if rest or not items:
        raise RequestRefused("message.invalid")
    if len(items) > MAX_ITEMS:
        raise RequestRefused("message.too-large")
    return items


def integer_parameter(
    query: Mapping[str, str], name: str, default: int, *, minimum: int, maximum: int
) -> int:
    """Return a query parameter that is a whole number in ASCII digits.

    Raises:
        RequestRefused: It is not, or lies outside its range.
    """
    text = query.get(name)
    if text is None:
        return default
    written = text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS
    if not written or not minimum <= int(text) <= maximum:
        raise RequestRefused("query.invalid")
    return int(text)
