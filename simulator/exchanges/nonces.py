"""Nonces (一次性随机数): each is valid once per key, for as long as its signature is."""

from collections import deque
from datetime import datetime

from schemas.signing import Refusal, SignatureRefused, VerifiedRequest


class Nonces:
    """The nonces seen, in memory; each is forgotten when its signature has expired."""

    __slots__ = ("_ends", "_seen")

    def __init__(self) -> None:
        self._seen: set[tuple[str, str]] = set()
        self._ends: deque[tuple[datetime, tuple[str, str]]] = deque()

    def consume(self, request: VerifiedRequest, now: datetime) -> None:
        """Use up the request's nonce.

        Raises:
            SignatureRefused: It came before under the same key.
        """
        while self._ends and self._ends[0][0] < now:
            self._seen.discard(self._ends.popleft()[1])
        key = (request.key_id, request.nonce)
        if key in self._seen:
            raise SignatureRefused(Refusal.REPLAYED, "nonce seen before")
        self._seen.add(key)
        self._ends.append((request.expires, key))
