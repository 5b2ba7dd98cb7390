"""What became of a page of the feed, item by item: for the log, the metrics and the table."""

from dataclasses import dataclass
from datetime import date, datetime

from gateway.domain.download_lag import DownloadLag
from gateway.domain.intake_rules import Accepted
from gateway.domain.item_answer import ItemAnswer
from gateway.domain.receipts import ExpectedConfirmation, ReceiptFault
from schemas.records.receipts import AcknowledgedItem


@dataclass(frozen=True, slots=True)
class IngestedItem:
    """What became of one item: where it went and until when, or why it is held.

    `lag` is how long an application was on its way, None for what is no new one.
    """

    key: str | None
    place: str | None
    agency: str | None
    due_on: date | None
    held: str | None
    repeated: bool
    submitted_at: datetime | None = None
    findings: tuple[str, ...] = ()
    trace_id: str | None = None
    lag: DownloadLag | None = None


@dataclass(frozen=True, slots=True)
class StoredItem:
    """What is stored and to be acknowledged, and what the receipt for that must say."""

    acknowledgement: AcknowledgedItem
    expected: ExpectedConfirmation


@dataclass(frozen=True, slots=True)
class UnconfirmedItem:
    """A stored item that the portal does not confirm: why, and what is wrong with its receipt."""

    item: StoredItem
    reason: str
    fault: ReceiptFault | None = None


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """What the portal said to acknowledgements; one without a usable answer is in neither."""

    confirmed: tuple[StoredItem, ...] = ()
    unconfirmed: tuple[UnconfirmedItem, ...] = ()


@dataclass(frozen=True, slots=True)
class PageResult:
    """What became of one page; `more` says whether the portal has another."""

    rows: tuple[IngestedItem, ...]
    more: bool
    acknowledged: Acknowledged = Acknowledged()


@dataclass(frozen=True, slots=True)
class PushResult:
    """What became of the items of a push, and what each is answered, in their order."""

    rows: tuple[IngestedItem, ...]
    answers: tuple[ItemAnswer, ...]


def ingested(accepted: Accepted, lag: DownloadLag | None) -> IngestedItem:
    """Return the row of a case that opened."""
    case = accepted.case
    return IngestedItem(
        key=case.key,
        place=case.place_division,
        agency=case.agency,
        due_on=case.due_on,
        held=case.hold_reason,
        repeated=False,
        submitted_at=case.submitted_at,
        findings=case.findings,
        trace_id=case.trace_id,
        lag=lag,
    )
