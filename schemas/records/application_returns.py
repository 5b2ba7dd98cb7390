"""退回部端: an application that is not the province's goes back; no person is refused by it."""

from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from schemas.records.base import (
    ApplicationNo,
    DivisionCode,
    Instant,
    Position,
    Revision,
    ShortText,
    WireModel,
)
from schemas.records.listed_code import ListedCode

APPLICATION_RETURN_REASON: Final = ListedCode(
    "application-return-reason",
    "ApplicationReturnReason",
    """Why an application goes back to the national side (退回部端原因).

Assumed: the list; the notices say nothing of an application that was forwarded wrongly.""",
)
NOT_OURS, WRONG_DIVISION, FORWARDED_TWICE, UNREADABLE_CONTENT = "1", "2", "3", "4"
"""退回部端原因: 不属本省, 区划有误（另有所属）, 重复转办, 内容无法读取."""


def check_place(reason: str, belongs_to: str | None) -> None:
    """Raise `ValueError` unless a place is named where the reason demands one, and only then."""
    if reason == WRONG_DIVISION and belongs_to is None:
        raise ValueError("reason 为 2（另有所属）时必须给出 belongs_to")
    if reason in {FORWARDED_TWICE, UNREADABLE_CONTENT} and belongs_to is not None:
        raise ValueError("reason 为 3、4 时不得给出 belongs_to")


class ApplicationReturn(WireModel):
    """退回部端: one application given back, for the national side to forward to the right place.

    An item whose number cannot be read is named by the `position` at which it was acknowledged.
    `belongs_to` is the division that it belongs to, if that is known; `returned_by` is who decided
    it. `revision` grows with each return of the same application, which may come again. There is
    no free text: what it would say of the person has no business here.

    Source: 人社厅发〔2020〕3号 arts. 7, 8 (forwarded by the registration place; nobody is turned
        away for it). Assumed: the record.
    """

    application_no: ApplicationNo | None = None
    position: Position | None = None
    revision: Revision
    reason: Annotated[str, APPLICATION_RETURN_REASON]
    belongs_to: DivisionCode | None = None
    returned_at: Instant
    returned_by: ShortText

    @property
    def key(self) -> str:
        """The key of the receipt for it: the number, or the digits of the position."""
        return self.application_no or str(self.position)

    @model_validator(mode="after")
    def _names_one_application(self) -> Self:
        if (self.application_no is None) == (self.position is None):
            raise ValueError("application_no 与 position 恰好给出一项")
        if self.position is not None and self.reason != UNREADABLE_CONTENT:
            raise ValueError("以 position 退回的，reason 须为 4（内容无法读取）")
        return self

    @model_validator(mode="after")
    def _another_division_is_named(self) -> Self:
        check_place(self.reason, self.belongs_to)
        return self


class ApplicationReturnBatch(WireModel):
    """What `returnApplications` takes: 1 to 200 returns."""

    returns: Annotated[tuple[ApplicationReturn, ...], Field(min_length=1, max_length=200)]
