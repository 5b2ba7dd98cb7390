"""失业登记注销: a registration ends on a ground of the notice, and the person is told."""

from datetime import datetime
from typing import Annotated, Final, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from schemas.records.base import (
    AgencyCode,
    ApplicationNo,
    CivilDate,
    DivisionCode,
    Instant,
    LocalSerial,
    LongText,
    MediumText,
    PersonName,
    Revision,
    TableCode,
    WireModel,
    check_key_form,
    is_dated_ahead,
)
from schemas.records.listed_code import ListedCode, refusal
from schemas.reference.codes import CodeTables

OTHER_GROUND: Final = "90"
"""ACC025 注销原因: 其他, the local grounds (四)."""
ARTICLE: Final = "人社厅发〔2020〕3号 第五部分"
"""Which grounds there are; a code of none of them is refused by it."""
_EDITION: Final = "2016"
_RETIREMENT_AGE: Final = "22"
"""ACC025: 达到退休年龄, no ground since the notice of 2020, which asks for the pension (21)."""
DEREGISTRATION_GROUND: Final = ListedCode(
    "acc025",
    "DeregistrationGround",
    """ACC025 注销原因 in the edition of 2016: the grounds that the notice knows.

Reaching retirement age (22) is none of them: a person deregisters who draws the pension (21).
Source: 人社厅发〔2020〕3号 art. 5.""",
    without=frozenset({_RETIREMENT_AGE}),
    source=ARTICLE,
)
DEREGISTRATION_MODE: Final = ListedCode(
    "deregistration-mode",
    "DeregistrationMode",
    "By the system on a comparison, or by an officer (注销方式).",
)


def _of_this_edition(value: object) -> object:
    """Refuse the codes of another edition: some of its digits mean another ground."""
    if value != _EDITION:
        raise refusal("literal_error", repr(_EDITION), ARTICLE)
    return value


class Notice(WireModel):
    """告知: when and how the person was told; the notice sets no order, so it may come later.

    Source: 人社厅发〔2020〕3号 art. 5. Assumed: the values of `mode`.
    """

    given_at: Instant
    mode: TableCode


class Deregistration(WireModel):
    """失业登记注销: one registration that ended, revision 1 first, one more for each correction.

    Exactly one key form, as in an outcome. The eleven grounds are those of ACC025 in the edition of
    2016: 11 to 13 and 14 (hired, own business, income), 21 (pension), 23 (unable to work), 24 or
    241 to 243 (school, army, emigration), 25 (prison), 26 (death), 31 (refusals), 32 (unreachable),
    90 (local). The person was told (`notice`), is still to be told (`notice_due`; a later revision
    brings the notice), or need not be (`notice_exempt`, on four grounds only): exactly one.

    Source: 人社厅发〔2020〕3号 art. 5; 湘人社函〔2020〕23号 art. 1(3) (how verified, automatic or
        manual). Assumed: members without an indicator code, and the note that 90 needs.
    """

    application_no: ApplicationNo | None = None
    division: DivisionCode | None = None
    local_serial: LocalSerial | None = None
    revision: Revision
    registration_no: Annotated[str, Field(pattern=r"^[!-~]{1,20}$")] = Field(alias="acc020")
    ground: Annotated[str, DEREGISTRATION_GROUND] = Field(alias="acc025")
    ground_note: LongText | None = None
    code_set: Annotated[Literal["2016"], BeforeValidator(_of_this_edition)]
    deregistered_on: CivilDate = Field(alias="aaea36")
    mode: Annotated[str, DEREGISTRATION_MODE]
    verified_by: TableCode
    notice: Notice | None = None
    notice_due: Literal["1"] | None = None
    notice_exempt: Literal["1"] | None = None
    valid: Literal["0"] = Field(alias="aae100")
    agency_code: AgencyCode = Field(alias="aae017")
    agency_name: MediumText = Field(alias="aae020")
    agency_division: DivisionCode = Field(alias="aae022")
    handler: PersonName = Field(alias="aae019")
    decided_at: Instant = Field(alias="aae036")

    @property
    def key(self) -> str:
        """The case this is about: the number, or `division/local_serial`."""
        return self.application_no or f"{self.division}/{self.local_serial}"

    def is_dated_ahead(self, at: datetime) -> bool:
        """Say whether the decision, received at `at`, lies in the future."""
        return is_dated_ahead(self.decided_at, at)

    @model_validator(mode="after")
    def _one_key_form(self) -> Self:
        check_key_form(self.application_no, self.division, self.local_serial)
        return self

    @model_validator(mode="after")
    def _one_word_on_notice(self) -> Self:
        said = (self.notice, self.notice_due, self.notice_exempt)
        if said.count(None) != len(said) - 1:
            raise ValueError("notice、notice_due 与 notice_exempt 恰好给出一项")
        exempt = CodeTables.load().notice_required(self.ground, self.code_set) is False
        if self.notice_exempt is not None and not exempt:
            raise ValueError("notice_exempt 仅在 acc025 为 243、25、26 或 32 时可以给出")
        if self.notice_due is not None and exempt:
            raise ValueError("acc025 为 243、25、26 或 32 时无须告知，不得给出 notice_due")
        return self

    @model_validator(mode="after")
    def _other_ground_needs_a_note(self) -> Self:
        if self.ground == OTHER_GROUND and self.ground_note is None:
            raise ValueError("acc025 为 90（其他）时必须给出 ground_note")
        return self


class DeregistrationBatch(WireModel):
    """What `submitDeregistrations` and `uploadDeregistrations` take: 1 to 200 of them."""

    deregistrations: Annotated[tuple[Deregistration, ...], Field(min_length=1, max_length=200)]
