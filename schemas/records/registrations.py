"""本地受理登记: a registration accepted by the local platform, reported with the person's form."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from schemas.records.applications import Commitment, PersonForm
from schemas.records.base import DivisionCode, Instant, MediumText, TableCode, TraceId, WireModel
from schemas.records.outcomes import Outcome, Verdict


class FormerWork(WireModel):
    """原工作单位、原从事工种、原用工形式: what DY14 失业登记 keeps of the last employment.

    Source: 就业失业登记证管理信息系统指标, DY14.
    """

    employer: MediumText | None = Field(default=None, alias="aab004")
    trade: MediumText | None = Field(default=None, alias="aca112")
    form: TableCode | None = Field(default=None, alias="aac013")


class LocalRegistration(WireModel):
    """本地受理登记: the person's form and what the agency decided, under a local key.

    `outcome` is keyed by `division` and `local_serial` and answers no dispatch. `channel` says
    where it was accepted.

    Source: 人社厅发〔2020〕3号 arts. 3, 7 (local registrations are reported in real time too);
        annex 3. Assumed: the nesting, and members without an indicator code.
    """

    person: PersonForm
    place_basis: TableCode = Field(alias="acc412")
    place_division: DivisionCode
    commitment: Commitment
    submitted_at: Instant
    channel: TableCode
    policy: TableCode
    former_work: FormerWork | None = None
    outcome: Outcome
    trace_id: TraceId | None = None

    @property
    def key(self) -> str:
        """The case this registration is about: `division/local_serial`."""
        return self.outcome.key

    @model_validator(mode="after")
    def _decided_under_a_local_key(self) -> Self:
        if self.outcome.application_no is not None:
            raise ValueError("本地受理登记以 division 加 local_serial 为键，不写 application_no")
        if self.outcome.dispatch_no is not None:
            raise ValueError("本地受理登记没有分派单，不得给出 dispatch_no")
        return self

    @model_validator(mode="after")
    def _nobody_is_registered_without_consent(self) -> Self:
        """Source: 湖南基层公共就业服务经办规程 art. 2(4); 人社厅发〔2020〕3号 art. 3."""
        if self.outcome.verdict == Verdict.PASSED and not self.commitment.given:
            raise ValueError(
                "aae016 为 1（通过）时，commitment.given 必须为 true（湖南基层公共就业服务经办规程"
                " 第二条（4）；人社厅发〔2020〕3号 第三部分）"
            )
        return self


class RegistrationBatch(WireModel):
    """What `submitRegistrations` and `uploadRegistrations` take: 1 to 200 registrations."""

    registrations: Annotated[tuple[LocalRegistration, ...], Field(min_length=1, max_length=200)]
