"""What is served where, and who may call it.

Access is declared here as data and enforced by the request pipeline; no handler has to remember
it. A handler that needs to know its caller takes a `SignedCall`, which only a signed endpoint
gives it.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

from gateway.web.calls import Answer, Call, SignedCall
from gateway.web.keyring import Role


class Reach(StrEnum):
    """From where an endpoint may be called without a signature."""

    LOOPBACK = "loopback"  # this machine only: no proxy, no other host name
    ANYBODY = "anybody"


@dataclass(frozen=True, slots=True)
class SignedEndpoint:
    """An endpoint for callers who sign; `access` are the roles whose keys are let in.

    Raises:
        ValueError: No role is named.
    """

    name: str
    method: str
    path: str
    access: frozenset[Role]
    handler: Callable[[SignedCall], Awaitable[Answer]]

    def __post_init__(self) -> None:
        if not self.access:
            raise ValueError(f"endpoint {self.name}: no role may call it")


@dataclass(frozen=True, slots=True)
class UnsignedEndpoint:
    """An endpoint that asks for no signature; `access` says from where it may be called."""

    name: str
    method: str
    path: str
    access: Reach
    handler: Callable[[Call], Awaitable[Answer]]


Endpoint = SignedEndpoint | UnsignedEndpoint
