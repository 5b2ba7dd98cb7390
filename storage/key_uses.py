"""How often a data key has sealed (密钥使用次数): bounded, since GCM nonces are drawn at random.

A process reserves a range of uses in the database before it seals, and gives back what it has not
used when it ends, so that a crash can only make the number too large. Counting is one atomic step
in memory: the way of a message is not slowed.

Source: NIST SP 800-38D section 8.3: at most 2^32 random nonces of 96 bits under one key.
"""

from collections.abc import Callable
from itertools import count
from typing import Final

from storage.errors import SealKeyExhausted

MAX_USES: Final = 1 << 32
WARNING_SHARE: Final = 0.5
"""From this share of the uses on a new key should be made."""


def nobody() -> None:
    """Hear that uses run low, and do nothing."""


class KeyUses:
    """What one process may still seal under each data key; shared by its threads."""

    def __init__(self, *, metered: bool = False) -> None:
        """Count uses where `metered`; else whatever is asked for is granted."""
        self._metered = metered
        self.on_low: Callable[[], None] = nobody
        """Called, in whatever thread seals, when half of what was last granted is used."""
        self._low_at: dict[int, int] = {}
        self._granted: dict[int, int] = {}
        self._reserved: dict[int, int | None] = {}
        self._used: dict[int, _Uses] = {}

    def grant(self, epoch: int, uses: int, *, reserved: int | None) -> None:
        """Allow more uses, which were reserved in the database before.

        `reserved` is how many are reserved there in all; None at the bound.
        """
        self._granted[epoch] = self._granted.get(epoch, 0) + uses
        self._reserved[epoch] = reserved
        self._used.setdefault(epoch, _Uses())
        self._low_at[epoch] = self._granted[epoch] - uses // 2

    def surrender(self) -> dict[int, int]:
        """Grant nothing more; return what is left by epoch, to be given back."""
        left = {epoch: self.left(epoch) for epoch in self._granted}
        for epoch, uses in left.items():
            self._granted[epoch] -= uses
        return {epoch: uses for epoch, uses in left.items() if uses}

    def reserved(self, epoch: int) -> int | None:
        """Return how many uses are reserved in all, as last heard; None at the bound."""
        return self._reserved.get(epoch, 0)

    def left(self, epoch: int) -> int:
        """Return how many uses are left to this process."""
        used = self._used.get(epoch)
        return 0 if used is None else max(self._granted[epoch] - used.count, 0)

    def take(self, epoch: int) -> None:
        """Count one use.

        Raises:
            SealKeyExhausted: Nothing more is granted; nothing may be sealed.
        """
        if not self._metered:
            return
        used = self._used.get(epoch)
        number = 0 if used is None else used.take()
        if used is None or number > self._granted[epoch]:
            raise SealKeyExhausted(epoch)
        if number == self._low_at[epoch]:
            self.on_low()


class _Uses:
    """A counter that threads share: taking is one step of the interpreter."""

    def __init__(self) -> None:
        self._next = count(1).__next__
        self.count = 0

    def take(self) -> int:
        """Return the number of this use, from 1."""
        self.count = number = self._next()
        return number
