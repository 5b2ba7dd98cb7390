"""What the control interface takes (控制接口请求), for the server and for its clients.

The control interface is no part of the contract, so its members have plain names. The models need
no server: a client builds the same objects that the interface reads.
"""

from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from schemas.records.base import (
    AgencyCode,
    ApplicationNo,
    CivilDate,
    DivisionCode,
    MediumText,
    TableCode,
)

_MAX_PEOPLE: Final = 100_000
_MAX_AT_COUNTER: Final = 1_000


class ControlRequest(BaseModel):
    """A request to the control interface: frozen, closed, strict."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


class FileRequest(ControlRequest):
    """Invented people to file applications: how many, from which seed, from which places."""

    count: Annotated[int, Field(ge=1, le=_MAX_PEOPLE)] = 1
    seed: Annotated[int, Field(ge=0, lt=1 << 63)] | None = None
    places: Annotated[list[DivisionCode], Field(min_length=1, max_length=1000)] | None = None


class RegisterRequest(ControlRequest):
    """Invented people who come to the counter of an agency: its code, how many, which seed."""

    agency: AgencyCode
    count: Annotated[int, Field(ge=1, le=_MAX_AT_COUNTER)] = 1
    seed: Annotated[int, Field(ge=0, lt=1 << 63)] | None = None


class DeregisterRequest(ControlRequest):
    """A registration that an agency ends: ground, how it was verified, whether the person knows.

    `key` is an application number or `division/local_serial`; the codes are those of the contract.
    """

    agency: AgencyCode
    key: Annotated[str, Field(pattern=r"^[!-~]{1,60}$")]
    ground: TableCode = "11"
    verified_by: TableCode = "05"
    mode: TableCode = "2"
    revision: Annotated[int, Field(ge=1, le=9999)] = 1
    informed: bool = True


class InjectRequest(ControlRequest):
    """Bytes for an area's feed as they are: `content` as text, or base64 for what is no text.

    Without `application_no` the item cannot be acknowledged; it goes out `deliveries` times.
    """

    province: DivisionCode
    content: str | None = None
    content_base64: str | None = None
    application_no: ApplicationNo | None = None
    deliveries: Annotated[int, Field(ge=1, le=1000)] = 1

    @model_validator(mode="after")
    def _has_one_content(self) -> Self:
        if (self.content is None) == (self.content_base64 is None):
            raise ValueError("content 与 content_base64 须有且只有一项")
        return self


class OfferTablesRequest(ControlRequest):
    """Which edition of code tables and divisions is offered from now on.

    The rehearsal (演练) changes codes, and counties of `province`, from the Beijing date `on`.
    """

    edition: Literal["shipped", "rehearsal"]
    province: DivisionCode | None = None
    on: CivilDate | None = None


class WithdrawRequest(ControlRequest):
    """An application to take back."""

    application_no: ApplicationNo
    reason: MediumText | None = None


class PushRequest(ControlRequest):
    """Whether what waits for an area is pushed to it from now on."""

    province: DivisionCode
    on: bool


class CloseDayRequest(ControlRequest):
    """A Beijing day to close now, so that its statement (对账单) can be fetched before it ends."""

    date: CivilDate


class ForwardRequest(ControlRequest):
    """An undecided application to forward on, by the division that it goes to.

    One that waits at the desk belongs there from then on; any other keeps its registration place,
    and so may come to an area that it does not belong to.
    """

    application_no: ApplicationNo
    to: DivisionCode


class ArmFaultRequest(ControlRequest):
    """A fault to arm; at most one of `nth`, `count` and `every`, else it happens once."""

    fault: str
    operation: str
    nth: Annotated[int, Field(ge=1)] | None = None
    count: Annotated[int, Field(ge=1)] | None = None
    every: Annotated[int, Field(ge=1)] | None = None
    params: dict[str, str | int] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _has_one_trigger(self) -> Self:
        if sum(value is not None for value in (self.nth, self.count, self.every)) > 1:
            raise ValueError("nth、count、every 最多给出一项")
        return self
