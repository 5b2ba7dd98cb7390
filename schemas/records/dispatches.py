"""分派单: what an agency receives, and what it may ask about a case."""

from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from schemas.records.applications import ForwardedApplication
from schemas.records.base import (
    AgencyCode,
    ApplicationNo,
    CivilDate,
    DispatchNo,
    DivisionCode,
    Instant,
    LocalSerial,
    MediumText,
    ShortText,
    Whole,
    WireModel,
    check_key_form,
)


class RoutedBy(WireModel):
    """Why this agency: the rule, the division that matched, and where the search began."""

    rule: Literal["exact", "ancestor", "operator"]
    place_division: DivisionCode
    matched_division: DivisionCode


class Dispatch(WireModel):
    """分派单: one application handed to one agency, to be decided until the due date.

    `due_on` is a Beijing date, absent where the calendar does not reach it (due date unknown).
    `findings` (初核提示) are each `code` or `code:detail`; the detail names a member or rule, no
    value. How many a sender has, and how long, is its own bound (`x-duijie.sender`).

    Source: 豫人社办〔2020〕35号 annex 1 nos. 1, 2; 人社厅发〔2020〕3号 art. 3 (time allowed).
    """

    dispatch_no: DispatchNo
    agency_code: AgencyCode
    dispatched_at: Instant
    due_on: CivilDate | None = None
    due_rule: MediumText
    routed_by: RoutedBy
    findings: tuple[MediumText, ...] = ()
    application: ForwardedApplication


class DispatchBatch(WireModel):
    """What `deliverDispatches` takes: 1 to 200 dispatches pushed to an agency's system."""

    dispatches: Annotated[tuple[Dispatch, ...], Field(min_length=1, max_length=200)]


class SupersededDispatch(WireModel):
    """失效分派单: a dispatch that is over though nobody decided on it: reassigned, or returned."""

    application_no: ApplicationNo
    dispatch_no: DispatchNo
    superseded_at: Instant


class DispatchPage(WireModel):
    """One answer of `fetchDispatches`: the caller's dispatches not yet acknowledged.

    `superseded` is there only where the caller asks for it: the latest of its dispatches that are
    over, as long as they are no older than it says.
    """

    dispatches: Annotated[tuple[Dispatch, ...], Field(max_length=200)]
    more: bool
    superseded: Annotated[tuple[SupersededDispatch, ...], Field(max_length=200)] | None = None


class CaseStep(WireModel):
    """One entry of a case's history, without personal values."""

    at: Instant
    step: ShortText
    state: ShortText
    note: MediumText | None = None


REASSIGNED: Final = "REASSIGNED"
"""已改派: how a case stands to an agency that had it and has it no more, whoever has it now."""


class CaseView(WireModel):
    """办件 as an agency sees it: where it stands, until when, and how it came there.

    To an agency that has it no more it is `REASSIGNED`, with the number of its last dispatch.

    Exactly one key form, as in an outcome.
    """

    application_no: ApplicationNo | None = None
    division: DivisionCode | None = None
    local_serial: LocalSerial | None = None
    state: ShortText
    revision: Annotated[int, Whole(0, 9999)]
    dispatch_no: DispatchNo | None = None
    due_on: CivilDate | None = None
    history: tuple[CaseStep, ...]

    @model_validator(mode="after")
    def _one_key_form(self) -> Self:
        check_key_form(self.application_no, self.division, self.local_serial)
        return self


class Ping(WireModel):
    """连通性测试: any text, sent back; proves signature, clock and reach."""

    echo: MediumText


class Pong(WireModel):
    """The answer to `ping`."""

    echo: MediumText
    at: Instant
    contract: ShortText
