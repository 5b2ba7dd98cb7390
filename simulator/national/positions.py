"""位置: a place in the feeds for every item, given once, and what was said of it."""

from dataclasses import dataclass
from typing import Final

from schemas.records.canonical_form import bytes_digest
from schemas.records.receipts import ItemStatus, PositionAcknowledgement
from schemas.reference.clock import Now
from simulator.errors import RequestRefused
from simulator.exchanges.entries import ItemAnswer
from simulator.exchanges.receipts import receipt

_A_SECOND: Final = 1_000_000


class PositionCounter:
    """Counts up from the time at which it was made, in microseconds.

    So a simulator that starts anew gives no position that an earlier one gave, as long as clocks go
    forward and it forwards less than a million items a second.
    """

    def __init__(self, now: Now) -> None:
        self._last = int(now().timestamp() * _A_SECOND)

    def next(self) -> int:
        """Return a position that was never given."""
        self._last += 1
        return self._last


@dataclass(slots=True)
class _Given:
    """Whose feed an item was put into, what its bytes were, and the first receipt for it."""

    area: str
    digest: str
    receipt: bytes | None = None


class Positions:
    """The positions that one book gave: they are remembered when the item is long gone."""

    def __init__(self, counter: PositionCounter, now: Now) -> None:
        self._counter, self._now = counter, now
        self._given: dict[int, _Given] = {}

    def give(self, area: str, content: bytes) -> int:
        """Return the position of an item in the feed of `area`."""
        position = self._counter.next()
        self._given[position] = _Given(area, bytes_digest(content))
        return position

    def is_acknowledged(self, area: str, position: int) -> bool | None:
        """Say whether the item there is; None where this area has no such position."""
        given = self._given.get(position)
        if given is None or given.area != area:
            return None
        return given.receipt is not None

    def acknowledge(self, area: str, said: PositionAcknowledgement) -> ItemAnswer:
        """Return the receipt for an item of `area`; a repeat gets the first one again.

        Raises:
            RequestRefused: No such position, one of another area, or one of other bytes.
        """
        given = self._given.get(said.position)
        if given is None:
            raise RequestRefused("acknowledgement.unknown-position")
        if given.area != area:
            raise RequestRefused("acknowledgement.position-of-another-area")
        if given.digest != said.digest:
            raise RequestRefused("acknowledgement.position-conflict")
        if given.receipt is not None:
            return ItemAnswer(ItemStatus.DUPLICATE, given.receipt)
        given.receipt = receipt(
            str(said.position), "position", revision=1, digest=given.digest, at=self._now()
        )
        return ItemAnswer(ItemStatus.ACCEPTED, given.receipt)
