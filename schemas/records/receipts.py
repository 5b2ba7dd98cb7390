"""回执 and 确认: «stored; from now on mine to answer for»."""

from enum import StrEnum
from typing import Annotated, Final, Literal, Self

import orjson
from pydantic import FailFast, Field, model_validator

from schemas.records.base import (
    ApplicationNo,
    Digest,
    DispatchNo,
    Instant,
    Position,
    Revision,
    WireModel,
)
from schemas.records.problems import Problem


class Receipt(WireModel):
    """回执: proof that one message was stored, the same bytes for each repeat of the message.

    `key` is the application number or `division/local_serial`, of dispatches and their returns the
    dispatch number, of a position its digits; `revision` is that of the record, 1 where it has
    none. `digest` is over the canonical form of the record it is for: of an acknowledgement, what
    is acknowledged; of one by position, the bytes that stood there. Whoever gets a receipt checks
    kind, key, revision and digest; with a wrong one there is none.
    """

    receipt_no: Annotated[str, Field(pattern=r"^[0-9a-f]{24}$")]
    key: Annotated[str, Field(pattern=r"^[!-~]{1,64}$")]
    kind: Literal[
        "application",
        "withdrawal",
        "outcome",
        "dispatch",
        "registration",
        "deregistration",
        "return",
        "position",
        "application-return",
    ]
    revision: Revision
    digest: Digest
    received_at: Instant


class ItemStatus(StrEnum):
    """What became of one item of a batch."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    REFUSED = "refused"


class ItemResult(WireModel):
    """One entry of a batch answer: a receipt, or the problem."""

    status: ItemStatus = Field(strict=False)
    receipt: Receipt | None = None
    problem: Problem | None = None

    @model_validator(mode="after")
    def _receipt_or_problem(self) -> Self:
        refused = self.status is ItemStatus.REFUSED
        if refused != (self.problem is not None) or refused == (self.receipt is not None):
            raise ValueError("status 为 refused 时给出 problem，否则给出 receipt，恰好一项")
        return self


class BatchAnswer(WireModel):
    """The answer to a batch: one entry per item, in order."""

    results: Annotated[tuple[ItemResult, ...], Field(max_length=200), FailFast()]


class Acknowledgement(WireModel):
    """下载确认: this item is durably stored on our side."""

    application_no: ApplicationNo
    kind: Literal["application", "withdrawal"]
    stored_at: Instant

    @property
    def key(self) -> str:
        """The key of the receipt for it."""
        return self.application_no


class PositionAcknowledgement(WireModel):
    """按位置的下载确认: the item at this position is durably stored, though it cannot be read.

    `digest` is over the bytes of the item as they stood in the page: a position that does not stand
    for them acknowledges nothing.
    """

    kind: Literal["position"]
    position: Position
    digest: Digest
    stored_at: Instant

    @property
    def key(self) -> str:
        """The key of the receipt for it."""
        return str(self.position)


BY_POSITION: Final[Literal["position"]] = "position"
AcknowledgedItem = Annotated[Acknowledgement | PositionAcknowledgement, Field(discriminator="kind")]


def read_acknowledgement(content: bytes) -> Acknowledgement | PositionAcknowledgement:
    """Read one acknowledgement: by number, or by position where it says so.

    Raises:
        pydantic.ValidationError: It is neither.
    """
    written = orjson.loads(content)
    kind = written.get("kind") if isinstance(written, dict) else None
    by_position = kind == BY_POSITION
    return (PositionAcknowledgement if by_position else Acknowledgement).read(content)


class AcknowledgementBatch(WireModel):
    """What `acknowledgeApplications` takes."""

    acknowledgements: Annotated[
        tuple[AcknowledgedItem, ...], Field(min_length=1, max_length=200), FailFast()
    ]


class DispatchAcknowledgement(WireModel):
    """分派确认: the agency's system has this dispatch durably stored."""

    dispatch_no: DispatchNo
    stored_at: Instant


class DispatchAcknowledgementBatch(WireModel):
    """What `acknowledgeDispatches` takes."""

    acknowledgements: Annotated[
        tuple[DispatchAcknowledgement, ...], Field(min_length=1, max_length=200), FailFast()
    ]
