"""Whether a store has room: one that refused a write for want of it has to prove that it is back.

A probe that changes one small row succeeds on a full disk, where the row's page is there already.
So after a refusal a probe writes as much as a page of messages, until that succeeds.
"""

import os
from typing import Final

PROOF_BYTES: Final = 1 << 20


class Room:
    """Remembers, across threads, whether the last word on room was a refusal."""

    def __init__(self) -> None:
        self.is_short = False
        """Whether a write was refused, and none of the size of a proof has succeeded since."""

    def refused(self) -> None:
        """Note that a write was refused."""
        self.is_short = True

    def proven(self) -> None:
        """Note that a proof was written."""
        self.is_short = False

    def padding(self) -> bytes:
        """Return what the next probe writes besides its row; nothing compresses it."""
        return os.urandom(PROOF_BYTES) if self.is_short else b""
