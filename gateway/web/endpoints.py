"""What is served where: the name of an endpoint, its method and path, its caller, its handler."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from gateway.web.calls import Answer, Call
from gateway.web.keyring import Role

Handler = Callable[[Call], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One operation of the contract as the gateway serves it."""

    name: str
    method: str
    path: str
    role: Role
    handler: Handler
