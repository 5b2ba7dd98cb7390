"""对账单 at the port: what a scripted portal offered and took on a day, as it would state it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from gateway.domain.statement_checks import day_start
from schemas.records.applications import ForwardedApplication, Withdrawal
from schemas.records.canonical_form import content_digest
from schemas.records.deregistrations import Deregistration
from schemas.records.outcomes import Outcome
from schemas.records.registrations import LocalRegistration
from schemas.records.statements import EntryKind, Statement, StatementEntry
from schemas.reference.clock import beijing_date
from simulator.exchanges.statements import DayStatement
from tests.builders.records import MORNING
from tests.support.peers import ScriptedPortal

Entries = list[StatementEntry]
DAY: Final = date(2026, 3, 2)
OTHER_DIGEST: Final = "0" * 64


@dataclass(slots=True)
class ScriptedStatements:
    """The statements of a scripted portal: faithful, unless the test has them changed.

    `change` is made to the entries of the day and keeps the statement whole, `spoil` to one part.
    `a_part` is how many entries a part has; `failures` are raised by the next calls, or whatever
    `before` gives. An upload was
    received at `received_at`, unless `at` says another instant for its key.
    """

    portal: ScriptedPortal
    change: Callable[[Entries], Entries] = list
    spoil: Callable[[Statement], Statement] = lambda part: part
    before: Callable[[], Exception | None] = lambda: None
    a_part: int = 1000
    failures: list[Exception] = field(default_factory=list)
    asked: list[tuple[date, int]] = field(default_factory=list)
    at: dict[str, datetime] = field(default_factory=dict)
    closed_at: datetime | None = None

    async def fetch_statement(self, day: date, *, part: int) -> Statement:
        """Return one part."""
        self.asked.append((day, part))
        failure = self.failures.pop(0) if self.failures else self.before()
        if failure is not None:
            raise failure
        return self.spoil(self._part(day, part))

    def _part(self, day: date, part: int) -> Statement:
        closed_at = self.closed_at or day_start(day + timedelta(days=1))
        stated = [one for one in self._entries() if beijing_date(one.at) == day]
        entries = tuple(self.change(stated))
        whole = DayStatement(day, "410000", closed_at, entries)
        start = (part - 1) * self.a_part
        return Statement(
            date=day,
            division="410000",
            closed_at=closed_at,
            part=part,
            parts=max(-(-len(entries) // self.a_part), 1),
            counts=whole.counts,
            digest=whole.digest,
            entries=entries[start : start + self.a_part],
        )

    def all_entries(self) -> Iterator[StatementEntry]:
        """Yield what the portal offered and took, of whichever day."""
        return self._entries()

    def _entries(self) -> Iterator[StatementEntry]:
        acknowledged = {(one.application_no, one.kind) for one in self.portal.acknowledged}
        for (number, kind), content in self.portal.offered.items():
            item = (Withdrawal if kind == "withdrawal" else ForwardedApplication).read(content)
            at = item.withdrawn_at if isinstance(item, Withdrawal) else item.forwarded_at
            yield StatementEntry(
                kind=EntryKind(kind),
                key=number,
                revision=1,
                acknowledged=(number, kind) in acknowledged,
                digest=content_digest(item),
                at=self.at.get(number, at),
            )
        for taker in (self.portal.reports, self.portal.registrations, self.portal.deregistrations):
            for (key, revision), body in taker.taken.items():
                yield self._taken(EntryKind(taker.kind), key, revision, body)

    def _taken(self, kind: EntryKind, key: str, revision: int, body: bytes) -> StatementEntry:
        record: Outcome | LocalRegistration | Deregistration
        if kind is EntryKind.OUTCOME:
            record = Outcome.read(body)
        elif kind is EntryKind.REGISTRATION:
            record = LocalRegistration.read(body)
        else:
            record = Deregistration.read(body)
        outcome = record.outcome if isinstance(record, LocalRegistration) else record
        return StatementEntry(
            kind=kind,
            key=key,
            revision=revision,
            verdict=outcome.verdict if isinstance(outcome, Outcome) else None,
            digest=content_digest(record),
            at=self.at.get(key, MORNING),
        )


def without(kind: EntryKind, key: str) -> Callable[[Entries], Entries]:
    """Return what leaves the entries of a key out."""
    return lambda entries: [one for one in entries if (one.kind, one.key) != (kind, key)]


def altered(kind: EntryKind, key: str, **update: object) -> Callable[[Entries], Entries]:
    """Return what alters the entries of a key."""

    def change(entries: Entries) -> Entries:
        return [
            one.model_copy(update=update) if (one.kind, one.key) == (kind, key) else one
            for one in entries
        ]

    return change


def with_more(*more: StatementEntry) -> Callable[[Entries], Entries]:
    """Return what adds entries."""
    return lambda entries: [*entries, *more]


def twice(kind: EntryKind, key: str) -> Callable[[Entries], Entries]:
    """Return what lists the entries of a key twice."""

    def change(entries: Sequence[StatementEntry]) -> Entries:
        return [*entries, *(one for one in entries if (one.kind, one.key) == (kind, key))]

    return change


def an_entry(kind: EntryKind = EntryKind.OUTCOME, **members: object) -> StatementEntry:
    """Return an entry that nobody stands behind."""
    forwarded = kind in {EntryKind.APPLICATION, EntryKind.WITHDRAWAL}
    decided = kind in {EntryKind.OUTCOME, EntryKind.REGISTRATION}
    given: dict[str, object] = {
        "kind": kind,
        "key": "SY-FOREIGN",
        "revision": 1,
        "verdict": "1" if decided else None,
        "acknowledged": True if forwarded else None,
        "digest": OTHER_DIGEST,
        "at": MORNING,
    }
    return StatementEntry.model_validate({**given, **members})
