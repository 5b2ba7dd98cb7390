"""审核结果: what an agency decided about one application."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from schemas.records.base import (
    Address,
    AgencyCode,
    ApplicationNo,
    CivilDate,
    DispatchNo,
    DivisionCode,
    Instant,
    LocalSerial,
    LongText,
    MediumText,
    PersonName,
    Revision,
    ShortText,
    WireModel,
    check_key_form,
    is_dated_ahead,
)
from schemas.records.listed_code import ListedCode


class Verdict(StrEnum):
    """AAE016 审核结果: the codes that programs act on; compare with `==`, a record holds text."""

    PASSED = "1"
    NOT_PASSED = "2"


class RefusalReason(StrEnum):
    """不予登记原因: the codes that programs act on; compare with `==`, a record holds text."""

    DRAWING_PENSION = "02"
    EMPLOYED = "03"
    IDENTITY_MISMATCH = "04"
    REGISTERED_ELSEWHERE = "06"
    WITHDRAWN = "07"


_NOT_REVIEWED: Final = "0"
"""AAE016: 未审核, which no outcome can say."""
VERDICT: Final = ListedCode(
    "aae016",
    "Verdict",
    "Passed, or not passed (AAE016 审核结果).",
    without=frozenset({_NOT_REVIEWED}),
)
REFUSAL_REASON: Final = ListedCode(
    "refusal-reason",
    "RefusalReason",
    """The closed list of reasons (不予登记原因); what the notices forbid cannot be said here.

No household, residence, missing-material or insurance reason exists.
Source: 人社厅发〔2020〕3号 art. 8; 湖南基层公共就业服务经办规程 art. 2. Assumed: the values.""",
)


class AgencyContact(WireModel):
    """Where the person can turn to: 经办机构地址, 联系电话."""

    address: Address | None = None
    telephone: Annotated[str, Field(pattern=r"^[0-9+() -]{3,30}$")] | None = None


class Outcome(WireModel):
    """审核结果: one agency's decision, revision 1 first, one more for each correction.

    A gap, or a first revision above 1, is taken: what is missing was corrected before it arrived,
    and comes too late then (`outcome.superseded`). Assumed: revisions need not follow one another.

    Exactly one key form: `application_no` for a forwarded application, or `division` with
    `local_serial` for one accepted locally. An agency names the dispatch it answers.

    Source: 人社厅发〔2020〕3号 art. 7 and annex 3. Assumed: members without an indicator code.
    """

    application_no: ApplicationNo | None = None
    division: DivisionCode | None = None
    local_serial: LocalSerial | None = None
    revision: Revision
    dispatch_no: DispatchNo | None = None
    review_state: Literal["2"]
    verdict: Annotated[str, VERDICT] = Field(alias="aae016")
    refusal_reason: Annotated[str, REFUSAL_REASON] | None = None
    refusal_source: MediumText | None = None
    refusal_note: LongText | None = None
    agency_code: AgencyCode = Field(alias="aae017")
    agency_name: MediumText = Field(alias="aae020")
    agency_division: DivisionCode = Field(alias="aae022")
    handler: PersonName = Field(alias="aae019")
    checker: PersonName | None = None
    approver: PersonName | None = None
    decided_at: Instant = Field(alias="aae036")
    registration_no: Annotated[str, Field(pattern=r"^[!-~]{1,20}$")] | None = Field(
        default=None, alias="acc020"
    )
    registration_date: CivilDate | None = Field(default=None, alias="aae043")
    certificate_no: Annotated[str, Field(pattern=r"^[0-9A-Za-z]{1,20}$")] | None = Field(
        default=None, alias="acc0m1"
    )
    contact: AgencyContact | None = None
    remarks: ShortText | None = None

    @property
    def key(self) -> str:
        """The case this outcome is about: the number, or `division/local_serial`."""
        return self.application_no or f"{self.division}/{self.local_serial}"

    def is_dated_ahead(self, at: datetime) -> bool:
        """Say whether the decision, received at `at`, lies in the future."""
        return is_dated_ahead(self.decided_at, at)

    @model_validator(mode="after")
    def _one_key_form(self) -> Self:
        check_key_form(self.application_no, self.division, self.local_serial)
        return self

    @model_validator(mode="after")
    def _reason_goes_with_refusal(self) -> Self:
        if (self.verdict == Verdict.NOT_PASSED) != (self.refusal_reason is not None):
            raise ValueError("refusal_reason 仅在 aae016 为 2（不通过）时给出，且必须给出")
        if self.refusal_reason == RefusalReason.EMPLOYED and self.refusal_source is None:
            raise ValueError("refusal_reason 为 03（已就业）时必须给出 refusal_source")
        return self

    @model_validator(mode="after")
    def _registration_goes_with_passing(self) -> Self:
        """A registration has its number, its date and the number of the certificate.

        Source: 湖南基层公共就业服务经办规程 art. 11(2): the system makes the certificate
            number with the first registration.
            Assumed: that every pass brings acc0m1, everywhere.
        """
        given = (self.registration_no, self.registration_date, self.certificate_no)
        if self.verdict == Verdict.PASSED and None in given:
            raise ValueError("aae016 为 1（通过）时必须给出 acc020、aae043、acc0m1")
        return self


class OutcomeBatch(WireModel):
    """What `submitOutcomes` and `uploadOutcomes` (失业登记审核结果上传) take: 1 to 200 outcomes."""

    outcomes: Annotated[tuple[Outcome, ...], Field(min_length=1, max_length=200)]
