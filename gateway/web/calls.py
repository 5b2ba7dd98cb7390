"""What a handler is given and what it gives back."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.ports.store import Store
from schemas.calls.content_headers import JSON


@dataclass(frozen=True, slots=True)
class Call:
    """A request whose sender may make it: what stands in its query and in its path."""

    query: Mapping[str, str]
    path: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SignedCall(Call):
    """A call whose signature holds; `store` consumes its nonce with the first effect."""

    caller: str
    body: bytes
    store: Store


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back."""

    body: bytes
    status: int = 200
    media_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
