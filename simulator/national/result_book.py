"""结果台账: the results, and the deregistrations, that are in effect."""

from collections.abc import Iterator
from typing import Final

from schemas.records.deregistrations import Deregistration
from schemas.records.outcomes import Outcome, Verdict
from schemas.reference.clock import Now
from simulator.exchanges.entries import AppliedDeregistration, AppliedResult, ResultKind
from simulator.exchanges.events import EventKind, EventLog
from simulator.exchanges.notifier import Notifier
from simulator.exchanges.receipts import receipt
from simulator.national.applications import ApplicationIndex


class ResultBook:
    """What was decided on applications, forwarded or accepted locally; in memory."""

    def __init__(self, now: Now) -> None:
        self.now: Final = now
        self.events: Final = EventLog(now)
        self.applications: Final = ApplicationIndex()
        self.results: Final[list[AppliedResult]] = []
        self.result_applied: Final = Notifier()
        self._local: dict[str, dict[int, AppliedResult]] = {}
        self._deregistrations: dict[str, dict[int, AppliedDeregistration]] = {}

    def results_of(self, key: str) -> dict[int, AppliedResult]:
        """Return the results in effect under a key, by revision: forwarded or accepted locally."""
        application = self.applications.find(key)
        return self._local.setdefault(key, {}) if application is None else application.results

    def local_results(self, key: str) -> list[AppliedResult]:
        """Return the results of a registration accepted locally, oldest first."""
        return list(self._local.get(key, {}).values())

    def apply(self, kind: ResultKind, outcome: Outcome, digest: str) -> AppliedResult:
        """Let a result take effect, `digest` of the record that brought it.

        The caller has made sure that it may.
        """
        at, key = self.now(), outcome.key
        given = receipt(key, kind, revision=outcome.revision, digest=digest, at=at)
        applied = AppliedResult(kind, key, outcome.revision, digest, given, at, outcome)
        self.results_of(key)[outcome.revision] = applied
        self.results.append(applied)
        self.result_applied.notify()
        if (application := self.applications.find(key)) is not None:
            self.applications.close(application)
        self.events.record(
            EventKind.DECIDED,
            key,
            {"revision": outcome.revision, "verdict": outcome.verdict, "digest": digest},
        )
        return applied

    def registration_in_force(self, key: str) -> Outcome | None:
        """Return the passed outcome in force under a key, None where nobody is registered."""
        results = self.results_of(key)
        newest = results[max(results)].outcome if results else None
        return newest if newest is not None and newest.verdict == Verdict.PASSED else None

    def deregistrations_of(self, key: str) -> dict[int, AppliedDeregistration]:
        """Return what ended the registration under a key, by revision."""
        return self._deregistrations.setdefault(key, {})

    def deregistrations(self) -> Iterator[AppliedDeregistration]:
        """Yield every deregistration in effect."""
        for revisions in self._deregistrations.values():
            yield from revisions.values()

    def end(self, record: Deregistration, digest: str) -> AppliedDeregistration:
        """Let a deregistration take effect; the caller has made sure that it may."""
        at, key, revision = self.now(), record.key, record.revision
        given = receipt(key, "deregistration", revision=revision, digest=digest, at=at)
        applied = AppliedDeregistration(digest, given, at, record)
        self.deregistrations_of(key)[revision] = applied
        self.events.record(
            EventKind.DEREGISTERED, key, {"revision": revision, "ground": record.ground}
        )
        return applied
