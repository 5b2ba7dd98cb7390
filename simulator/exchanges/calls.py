"""A signed call (调用) and its answer, as its handler sees them: without HTTP or signatures."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

DEFAULT_LIMIT: Final = 100


@dataclass(frozen=True, slots=True)
class Call:
    """An authenticated request: what is asked, by which key, with which body.

    `operation` is the operation's id in the contract; `trace_id` is that of the peer's
    `traceparent`, else one made up here. `path` holds what stands in the path, by name. A call of
    our own has `items`, what it hands over, and the key id of whom it calls.
    """

    operation: str
    key_id: str
    query: Mapping[str, str]
    body: bytes
    trace_id: str
    items: tuple[bytes, ...] | None = None
    path: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back, before it is signed.

    `record` names the published schema the body is checked against; a feed page keeps its items
    apart, each checked when it was filed, so that it is not checked again at every delivery, and
    their positions where they are asked for.
    One that is not `signed` goes out without a signature, by a fault.
    """

    record: str
    body: bytes = b""
    status: int = 200
    items: tuple[bytes, ...] | None = None
    positions: tuple[int, ...] | None = None
    numbers: tuple[str, ...] = ()
    more: bool = False
    signed: bool = True
    headers: Mapping[str, str] = field(default_factory=dict)


CallHandler = Callable[[Call], Awaitable[Answer]]
"""Does what a call asks for; an operation of the contract has one."""
RunCall = Callable[[Call, CallHandler], Awaitable[Answer]]
"""Runs a handler within whatever faults meet its call."""
