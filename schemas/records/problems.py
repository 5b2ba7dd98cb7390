"""Problem bodies (RFC 9457): how every interface says no."""

from typing import Annotated, Final

from pydantic import Field

from schemas.records.base import LINE_PATTERN, MediumText, ShortText, TraceId, Whole, WireModel

LONGEST_POINTER: Final = 200
LONGEST_DETAIL: Final = 100
_LINE_OR_EMPTY: Final = LINE_PATTERN.replace("+$", "*$")

ProblemCode = Annotated[str, Field(pattern=r"^[a-z0-9.-]{1,60}$")]


class FieldError(WireModel):
    """One member that is wrong: where (JSON Pointer), which rule, and what to do about it."""

    pointer: Annotated[str, Field(max_length=LONGEST_POINTER, pattern=_LINE_OR_EMPTY)]
    code: ProblemCode
    message: Annotated[str, Field(max_length=300, pattern=_LINE_OR_EMPTY)]


class Problem(WireModel):
    """An answer that says no: stable `type` and `code`, Chinese `title`, never a personal value."""

    type: Annotated[str, Field(pattern=r"^urn:duijie:problem:[a-z0-9.-]{1,60}$")]
    code: ProblemCode
    title: ShortText
    status: Annotated[int, Whole(400, 599)]
    detail: MediumText | None = None
    trace_id: TraceId | None = None
    errors: tuple[FieldError, ...] = ()
