"""随机数: a signature's nonce is good once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Nonce:
    """A signature's nonce: good once per key, remembered until it could not be used anyway."""

    key_id: str
    value: str
    until: datetime


class Nonces(Protocol):
    """Nonces used before."""

    def consume(self, nonce: Nonce) -> None:
        """Use up a nonce; raise `MessageReplayed` when it was used before."""
        ...

    def delete_expired(self, before: datetime, *, limit: int) -> int:
        """Delete nonces whose use ended before an instant, the oldest first; return how many."""
        ...
