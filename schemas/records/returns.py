"""退回: an agency gives a dispatch back to the desk; the person is never refused by it."""

from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from schemas.records.base import (
    ApplicationNo,
    DispatchNo,
    DivisionCode,
    Instant,
    LongText,
    WireModel,
)
from schemas.records.listed_code import ListedCode

RETURN_REASON: Final = ListedCode(
    "return-reason",
    "ReturnReason",
    """Why the dispatch is not this agency's to decide (退回原因).

Assumed: the list; the notices know reassignment (改派) but name no reasons.""",
)
OTHER_RETURN_REASON: Final = "9"
"""退回原因: 其他."""


class DispatchReturn(WireModel):
    """退回: one dispatch given back, for the desk to reassign.

    `application_no` is that of the application in the dispatch: with it the answer is exact, also
    where the case has ended; without it only what is undecided is found. `belongs_to` is the
    division that the agency holds to be the right one, if it knows.

    Source: 豫人社办〔2020〕35号 annex 1 nos. 1, 2 (reassignment). Assumed: the record.
    """

    application_no: ApplicationNo | None = None
    dispatch_no: DispatchNo
    reason: Annotated[str, RETURN_REASON]
    note: LongText | None = None
    belongs_to: DivisionCode | None = None
    returned_at: Instant

    @model_validator(mode="after")
    def _other_needs_a_note(self) -> Self:
        if self.reason == OTHER_RETURN_REASON and self.note is None:
            raise ValueError("reason 为 9（其他）时必须给出 note")
        return self


class DispatchReturnBatch(WireModel):
    """What `returnDispatches` takes: 1 to 200 returns."""

    returns: Annotated[tuple[DispatchReturn, ...], Field(min_length=1, max_length=200)]
