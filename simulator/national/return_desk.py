"""退回台: what areas gave back, by area, key and revision, and what waits for a right place."""

from collections.abc import Iterator

from schemas.records.application_returns import ApplicationReturn
from schemas.reference.clock import Now
from simulator.exchanges.entries import AppliedReturn
from simulator.exchanges.receipts import receipt


class ReturnDesk:
    """Every return that was taken, and those for which a person has to find the right place."""

    def __init__(self, now: Now) -> None:
        self._now = now
        self._taken: dict[tuple[str, str], dict[int, AppliedReturn]] = {}
        self._waiting: dict[str, AppliedReturn] = {}

    def returns_of(self, area: str, key: str) -> dict[int, AppliedReturn]:
        """Return what `area` gave back under a key, by revision."""
        return self._taken.setdefault((area, key), {})

    def take(self, area: str, record: ApplicationReturn, digest: str) -> AppliedReturn:
        """Take a return; the caller has made sure that it may be."""
        at, revision = self._now(), record.revision
        given = receipt(record.key, "application-return", revision=revision, digest=digest, at=at)
        taken = AppliedReturn(digest, given, at, area, record)
        self.returns_of(area, record.key)[revision] = taken
        return taken

    def keep(self, taken: AppliedReturn) -> None:
        """Let a return wait for a person who finds the right place."""
        self._waiting[taken.record.key] = taken

    def clear(self, key: str) -> None:
        """Take what is under `key` off the desk, if it is there."""
        self._waiting.pop(key, None)

    def waiting(self) -> Iterator[AppliedReturn]:
        """Yield what waits, oldest first."""
        yield from self._waiting.values()
