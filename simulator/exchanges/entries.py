"""What the book holds (账页): applications with what became of them, results, items to hand out."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

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


@dataclass(slots=True)
class Effect:
    """生效结果: one result that took effect; there is one for each key and revision.

    `receipt` is the first receipt, given again byte for byte; `repeats` counts its coming again.
    """

    key: str
    revision: int
    digest: str
    receipt: bytes
    at: datetime
    outcome: Outcome = field(repr=False)
    repeats: int = 0


@dataclass(slots=True)
class Application:
    """申请 as the national side keeps it: its way there and back, all instants in UTC.

    `area` is the docked area it is forwarded to; `injected` marks one put in past every check.
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
    effects: dict[int, Effect] = field(default_factory=dict)

    @property
    def decided_at(self) -> datetime | None:
        """When the first result took effect."""
        return next(iter(self.effects.values())).at if self.effects else None

    @property
    def result(self) -> Effect | None:
        """The result in force: that of the highest revision."""
        return self.effects[max(self.effects)] if self.effects else None

    @property
    def progress(self) -> Progress:
        """Where it stands: filed, taken over by its area, or answered."""
        if self.effects:
            return Progress.REVIEWED
        if self.withdrawn_at is not None:
            return Progress.WITHDRAWN
        return Progress.WAITING if self.acknowledged_at is None else Progress.UNDER_REVIEW


@dataclass(slots=True)
class FeedItem:
    """An item waiting to be acknowledged; `content` is the JSON that goes out, byte for byte.

    Without a number it cannot be acknowledged, and goes out `deliveries_left` times.
    """

    kind: FeedKind
    number: str | None
    content: bytes
    application: Application | None
    deliveries_left: int | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one item of a batch: a receipt's bytes, or a problem's."""

    status: ItemStatus
    content: bytes

    def wire(self) -> bytes:
        """Return the item's entry of the batch answer."""
        member = b"problem" if self.status is ItemStatus.REFUSED else b"receipt"
        return b'{"status":"%s","%s":%s}' % (self.status.encode(), member, self.content)


def batch_answer(verdicts: list[Verdict]) -> bytes:
    """Return the answer to a batch: one entry per item, in order."""
    return b'{"results":[%s]}' % b",".join([verdict.wire() for verdict in verdicts])
