"""What one check of `duijie doctor` found."""

from dataclasses import dataclass

from duijie.reason_words import describe_reasoned
from schemas.reasons.reason import ReasonedError


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What one check found; `cause` and `cure` are empty when nothing is wrong.

    `is_weak` marks a warning: it works, and could be made safer.
    """

    subject: str
    seen: str
    cause: str = ""
    cure: str = ""
    is_weak: bool = False

    @property
    def is_ok(self) -> bool:
        """Whether there is nothing to say beyond what was seen."""
        return not self.cure

    @property
    def is_fault(self) -> bool:
        """Whether something has to be done."""
        return not self.is_ok and not self.is_weak


def refused(subject: str, seen: str, error: ReasonedError) -> CheckResult:
    """Return what is refused, by the reasons of the error."""
    described = describe_reasoned(error)
    return CheckResult(subject, seen, described.full_cause, described.cure)


def warning(subject: str, seen: str, cause: str, cure: str) -> CheckResult:
    """Return what works and is weak."""
    return CheckResult(subject, seen, cause, cure, is_weak=True)
