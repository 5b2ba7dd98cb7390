"""下载滞后: how long an application was on its way here, against the hour that the rule gives.

Two clocks are compared, the national side's and ours. Where theirs is ahead, the lag is 0 and is
counted apart; where it is behind, the lag is too long by as much. Answers are believed within the
window of their signatures only, so a clock that is further off stops the intake instead.

Source: 人社厅发〔2020〕3号 art. 7 (promptly) and annex 3.
Assumed: one hour, from submission to being stored here, day and night, by download or by push.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Self

from gateway.domain.case import Case

DOWNLOAD_WITHIN: Final = timedelta(hours=1)
_NONE: Final = timedelta()


@dataclass(frozen=True, slots=True)
class DownloadLag:
    """How long before it was stored here an application was submitted, and forwarded.

    `is_ahead` says that one of the two lies in the future by our clock.
    """

    since_submission: timedelta
    since_forwarding: timedelta
    is_ahead: bool = False

    @classmethod
    def of(cls, submitted_at: datetime, forwarded_at: datetime, stored_at: datetime) -> Self:
        """Return the lag of what was stored at `stored_at`; never less than 0."""
        submission, forwarding = stored_at - submitted_at, stored_at - forwarded_at
        is_ahead = min(submission, forwarding) < _NONE
        return cls(max(submission, _NONE), max(forwarding, _NONE), is_ahead)

    @property
    def is_late(self) -> bool:
        """Whether it took longer than the rule allows."""
        return self.since_submission > DOWNLOAD_WITHIN


def late_minutes(case: Case) -> int | None:
    """Return how many whole minutes a case was on its way here if that was too long, else None.

    It runs to when the application, or a copy that could not be read, was stored first. What an
    agency accepted itself (本地受理登记) was never downloaded.
    """
    lag = case.accepted_at - case.submitted_at
    return None if case.is_local or lag <= DOWNLOAD_WITHIN else lag // timedelta(minutes=1)
