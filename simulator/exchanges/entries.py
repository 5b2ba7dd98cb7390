"""Entries of the book (账页): applications, results in effect, items to be sent."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from schemas.records.application_returns import ApplicationReturn
from schemas.records.deregistrations import Deregistration
from schemas.records.outcomes import Outcome
from schemas.records.receipts import ItemStatus


class Progress(StrEnum):
    """办理进度: where an application stands, as its person sees it.

    Source: 人社厅发〔2020〕3号 annex 3 (待审核, 审核中, 已审核). Assumed: 已撤回.
    """

    WAITING = "待审核"
    UNDER_REVIEW = "审核中"
    REVIEWED = "已审核"
    WITHDRAWN = "已撤回"


FeedKind = Literal["application", "withdrawal"]
ResultKind = Literal["outcome", "registration"]


@dataclass(slots=True)
class AppliedResult:
    """生效结果: one result that took effect; there is one for each key and revision.

    `kind` says what brought it: an outcome alone, or a registration with the person's form.
    `receipt` is the first receipt, given again byte for byte; `repeats` counts the repeats.
    """

    kind: ResultKind
    key: str
    revision: int
    digest: str
    receipt: bytes
    at: datetime
    outcome: Outcome = field(repr=False)
    repeats: int = 0


@dataclass(slots=True)
class AppliedDeregistration:
    """生效注销: one revision of a deregistration that took effect, as `AppliedResult`."""

    digest: str
    receipt: bytes
    at: datetime
    record: Deregistration = field(repr=False)
    repeats: int = 0


@dataclass(slots=True)
class AppliedReturn:
    """退回部端 that was taken: one revision of a return by one area, as `AppliedResult`."""

    digest: str
    receipt: bytes
    at: datetime
    area: str
    record: ApplicationReturn = field(repr=False)
    repeats: int = 0


@dataclass(frozen=True, slots=True)
class Forwarding:
    """转办: to which area an application went, and when."""

    area: str
    at: datetime


@dataclass(slots=True)
class Application:
    """申请 as the national side keeps it: its round trip, all instants in UTC.

    `area` is the docked area it is forwarded to; `injected` marks one that no check has seen;
    `forwarded_on` are its ways after the first one; `at_desk` marks one that an area returned and
    for which nobody knows the right place yet. `results` are the results in effect, by revision.
    """

    number: str
    area: str
    place: str
    submitted_at: datetime
    forwarded_at: datetime
    trace_id: str
    injected: bool = False
    certificate_no: str = field(default="", repr=False)
    deliveries: int = 0
    first_delivered_at: datetime | None = None
    last_delivered_at: datetime | None = None
    acknowledgements: int = 0
    acknowledged_at: datetime | None = None
    withdrawn_at: datetime | None = None
    forwarded_on: list[Forwarding] = field(default_factory=list)
    at_desk: bool = False
    results: dict[int, AppliedResult] = field(default_factory=dict)

    def forward_to(self, area: str, place: str, at: datetime) -> None:
        """Begin anew in another area: nothing of it was downloaded there yet."""
        self.area, self.place, self.forwarded_at, self.at_desk = area, place, at, False
        self.deliveries = self.acknowledgements = 0
        self.first_delivered_at = self.last_delivered_at = self.acknowledged_at = None
        self.forwarded_on.append(Forwarding(area, at))

    @property
    def decided_at(self) -> datetime | None:
        """The instant at which the first result took effect."""
        return next(iter(self.results.values())).at if self.results else None

    @property
    def result_in_force(self) -> AppliedResult | None:
        """The result in force: that of the highest revision."""
        return self.results[max(self.results)] if self.results else None

    @property
    def progress(self) -> Progress:
        """The progress: filed, acknowledged by its area, decided, or withdrawn."""
        if self.results:
            return Progress.REVIEWED
        if self.withdrawn_at is not None:
            return Progress.WITHDRAWN
        return Progress.WAITING if self.acknowledged_at is None else Progress.UNDER_REVIEW


@dataclass(slots=True)
class FeedItem:
    """An item that waits for its acknowledgement; `content` is its JSON, byte for byte.

    Without a number it can be acknowledged by its `position` only, and goes out `deliveries_left`
    times. `pushes`
    counts the attempts to push it, `push_refused` is the code by which it is pushed no more.
    """

    kind: FeedKind
    number: str | None
    content: bytes
    application: Application | None
    position: int
    deliveries_left: int | None = None
    pushes: int = 0
    push_refused: str | None = None


@dataclass(frozen=True, slots=True)
class ItemAnswer:
    """The answer to one item of a batch: `content` is a receipt's bytes, or a problem's."""

    status: ItemStatus
    content: bytes

    def wire(self) -> bytes:
        """Return the item's entry of the batch answer."""
        member = b"problem" if self.status is ItemStatus.REFUSED else b"receipt"
        return b'{"status":"%s","%s":%s}' % (self.status.encode(), member, self.content)


def batch_answer(answers: list[ItemAnswer]) -> bytes:
    """Return the answer to a batch: one entry per item, in order."""
    return b'{"results":[%s]}' % b",".join([answer.wire() for answer in answers])
