"""Nonces (一次性随机数): each is valid once per key, for as long as its signature is."""

from collections import deque
from datetime import datetime
from pathlib import Path

from schemas.signing import SignatureErrorCode, SignatureRejected, VerifiedRequest
from simulator.exchanges.nonce_journal import ConsumedNonce, NonceJournal


class Nonces:
    """The nonces seen; each is forgotten when its signature has expired.

    With a journal they survive a restart; without one they are in memory, and a message from
    before the restart can be replayed within the life of its signature.
    """

    __slots__ = ("_ends", "_journal", "_seen")

    def __init__(self, journal: NonceJournal | None = None) -> None:
        self._seen: set[tuple[str, str]] = set()
        self._ends: deque[ConsumedNonce] = deque()
        self._journal = journal

    @classmethod
    def kept_in(cls, file: Path, now: datetime) -> "Nonces":
        """Return the nonces of a journal file, which is made where there is none.

        Raises:
            OSError: The file cannot be read or written.
        """
        journal, kept = NonceJournal.open(file, now)
        nonces = cls(journal)
        for one in kept:
            nonces._remember(one)
        return nonces

    def consume(self, request: VerifiedRequest, now: datetime) -> None:
        """Use up the request's nonce; with a journal it is written before this returns.

        Raises:
            SignatureRejected: It came before under the same key.
        """
        while self._ends and self._ends[0].until < now:
            self._seen.discard(self._ends.popleft().key)
        one = ConsumedNonce(request.key_id, request.nonce, request.expires)
        if one.key in self._seen:
            raise SignatureRejected(SignatureErrorCode.REPLAYED, "nonce seen before")
        if self._journal is not None:
            self._journal.append(one, self._ends)
        self._remember(one)

    def close(self) -> None:
        """Close the journal."""
        if self._journal is not None:
            self._journal.close()

    def _remember(self, one: ConsumedNonce) -> None:
        self._seen.add(one.key)
        self._ends.append(one)
