"""审核结果的要点: what the history of a case keeps of each decision, beside the sealed record."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Self

from gateway.domain.case import HistoryEntry, Step
from gateway.domain.detail import DECIDED, Detail
from schemas.records.outcomes import Outcome, Verdict


@dataclass(frozen=True, slots=True)
class Decision:
    """One revision as it was taken at `taken_at` (UTC); nothing in it is of the person.

    `verdict`, `decided_at` (UTC) and `registered_on` (Beijing) are None where the entry is older
    than the version that began to note them, and `registered_on` where nobody was registered.
    """

    key: str
    taken_at: datetime
    revision: int
    verdict: str | None = None
    decided_at: datetime | None = None
    registered_on: date | None = None

    @property
    def is_recorded(self) -> bool:
        """Whether verdict and time of the decision stand in the entry."""
        return self.verdict is not None and self.decided_at is not None

    @property
    def registers(self) -> bool:
        """Whether the person is registered by it."""
        return self.verdict == Verdict.PASSED

    @classmethod
    def read(cls, entry: HistoryEntry) -> Self | None:
        """Return the decision that an entry tells of, None where it tells of none."""
        detail = Detail.read(entry.note or "") if entry.step is Step.DECIDE else None
        if detail is None or detail.code != DECIDED:
            return None
        params = detail.params
        try:
            return cls(
                entry.key,
                entry.at,
                int(params["revision"]),
                params.get("verdict"),
                _instant(params.get("decided")),
                _day(params.get("registered")),
            )
        except (ValueError, LookupError):
            return None


def decision_note(outcome: Outcome) -> str:
    """Return the note of the step in which `outcome` was taken."""
    registered_on = outcome.registration_date
    params = {
        "revision": str(outcome.revision),
        "verdict": outcome.verdict,
        "decided": outcome.decided_at.isoformat(),
        "registered": None if registered_on is None else registered_on.isoformat(),
    }
    return str(Detail(DECIDED, {name: value for name, value in params.items() if value}))


def _instant(written: str | None) -> datetime | None:
    if written is None:
        return None
    at = datetime.fromisoformat(written)
    if at.tzinfo is None:
        raise ValueError("an instant has its offset")
    return at


def _day(written: str | None) -> date | None:
    return None if written is None else date.fromisoformat(written)
