"""转办申请: what the national side forwards: applications, withdrawals, their page."""

from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from schemas.records.base import (
    Address,
    ApplicationNo,
    CivilDate,
    DivisionCode,
    Instant,
    LongText,
    MediumText,
    PersonName,
    Position,
    ShortText,
    TableCode,
    TraceId,
    WireModel,
    YesNo,
    line,
)

DISABLED: Final = "5"
"""AAC033 健康状况: 残疾."""
OTHER_REASON: Final = "90"
"""AJC093 失业原因: 其他."""
HOUSEHOLD, RESIDENCE, WORKPLACE, INSURED = "1", "2", "3", "4"
"""ACC412 登记失业地类型: 户籍地, 常住地, 就业地, 参保地. Assumed: the values."""


class Qualification(WireModel):
    """职业（工种）资格及等级, or 专业技术职务名称及级别: one row of the form."""

    name: ShortText
    vocational_level: TableCode | None = Field(default=None, alias="aac015")
    title_level: TableCode | None = Field(default=None, alias="aac014")


class Commitment(WireModel):
    """本人承诺: given by the applicant, never by the gateway.

    Source: 人社厅发〔2020〕3号 art. 3.
    """

    given: bool
    date: CivilDate
    text_version: ShortText


class PersonForm(WireModel):
    """失业人员登记表: the form as filled in at the national entry.

    Required members are the starred ones of the form; the reason is required by art. 3.

    Source: 黑人社函〔2020〕87号 annex 1 and its notes 1 to 3; 人社厅发〔2020〕3号 art. 3.
    """

    name: PersonName = Field(alias="aac003")
    sex: TableCode = Field(alias="aac004")
    ethnic_group: TableCode = Field(alias="aac005")
    political_status: TableCode | None = Field(default=None, alias="aac024")
    education: TableCode = Field(alias="aac011")
    health: TableCode = Field(alias="aac033")
    disability_grade: TableCode | None = None
    certificate_type: TableCode = Field(alias="aac058")
    certificate_no: Annotated[str, Field(pattern=r"^[!-~]{1,30}$")] = Field(alias="aac147")
    mobile: Annotated[str, Field(pattern=r"^1[3-9][0-9]{9}$")] = Field(alias="aac067")
    telephone: Annotated[str, Field(pattern=r"^[0-9+() -]{3,20}$")] | None = Field(
        default=None, alias="aae005"
    )
    email: Annotated[str, Field(max_length=50, pattern=r"^[!-?A-~]+@[!-?A-~]+$")] | None = Field(
        default=None, alias="aae015"
    )
    other_contact: MediumText | None = None
    household_division: DivisionCode = Field(alias="aab299")
    household_address: Address = Field(alias="aac010")
    residence_division: DivisionCode = Field(alias="aab301")
    residence_address: Address = Field(alias="aac026")
    unemployed_since: CivilDate = Field(alias="ajc090")
    reason: TableCode = Field(alias="ajc093")
    reason_note: Annotated[str, line(200)] | None = None
    claims_insurance: YesNo = Field(alias="ajc174")
    intentions: Annotated[tuple[ShortText, ...], Field(max_length=3)] = ()
    qualifications: Annotated[tuple[Qualification, ...], Field(max_length=3)] = ()
    remarks: LongText | None = Field(default=None, alias="aae013")
    code_set: Annotated[str, Field(pattern=r"^[0-9]{4}$")]

    @model_validator(mode="after")
    def _grade_goes_with_disability(self) -> Self:
        if (self.health == DISABLED) != (self.disability_grade is not None):
            raise ValueError("disability_grade 仅在 aac033 为 5（残疾）时给出，且必须给出")
        return self

    @model_validator(mode="after")
    def _other_reason_needs_a_note(self) -> Self:
        if self.reason == OTHER_REASON and not self.reason_note:
            raise ValueError("ajc093 为 90（其他）时必须给出 reason_note")
        return self


class ForwardedApplication(PersonForm):
    """转办申请: one person's request to be registered as unemployed, under its opaque number.

    `place_division` (登记失业地) is the division code that follows from `place_basis`; `policy`
    is the notice it was accepted under; `forwarded_at` is when the national side made it available;
    `trace_id` follows this one application through every system.

    Source: 人社厅发〔2020〕3号 arts. 3, 7; 人社厅发〔2020〕79号 (workplace and insured place).
    """

    kind: Literal["application"]
    application_no: ApplicationNo
    place_basis: TableCode = Field(alias="acc412")
    place_division: DivisionCode
    commitment: Commitment
    submitted_at: Instant
    channel: TableCode
    forwarded_at: Instant
    policy: TableCode
    trace_id: TraceId | None = None


class Withdrawal(WireModel):
    """撤回: the person takes an application back before it is decided.

    Assumed: the notices do not describe it; the national side forwards it like an application.
    """

    kind: Literal["withdrawal"]
    application_no: ApplicationNo
    withdrawn_at: Instant
    reason: MediumText | None = None


FeedItem = Annotated[ForwardedApplication | Withdrawal, Field(discriminator="kind")]


class FeedPage(WireModel):
    """One answer of `downloadApplications` (失业登记申请信息下载): the oldest unacknowledged.

    `positions` is there only where the caller asks for it: that of each item, in the order of the
    items. It stands beside the items and, as written, before them, so that nothing in an item can
    hide it.
    """

    positions: Annotated[tuple[Position, ...], Field(max_length=200)] | None = None
    items: Annotated[tuple[FeedItem, ...], Field(max_length=200)]
    more: bool
