"""What an operation of the contract consists of: side, profile, parameters, statuses, source."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from schemas.reference.code_rows import Certainty

COMMON_STATUSES: Final = (400, 401, 403, 413, 415, 422, 429, 500, 503)
"""What any operation may answer when it says no."""
ANNEX: Final = "人社厅发〔2020〕3号 附件3"
OURS: Final = "本接口约定"
"""The source of what the notices do not say."""


class Side(StrEnum):
    """Who serves a document's operations: one OpenAPI document for each."""

    NATIONAL = "national"
    PROVINCE = "province"
    AGENCY = "agency"
    OPERATOR = "operator"


class Profile(StrEnum):
    """Whether one must have an operation, or may have it as well."""

    CORE = "core"
    EXTENDED = "extended"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A whole number in the query (`minimum` to `maximum`), or a text of one shape (`pattern`)."""

    name: str
    text_zh: str
    text_en: str
    where: str = "query"
    minimum: int = 0
    maximum: int = 0
    default: int | None = None
    pattern: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation; `request` and `answer` are records, by their published names."""

    side: Side
    name: str
    method: str
    path: str
    title_zh: str
    title_en: str
    answer: str
    request: str = ""
    parameters: tuple[Parameter, ...] = ()
    more_statuses: tuple[int, ...] = ()
    profile: Profile = Profile.CORE
    source: str = OURS
    caller: str = "province"

    @property
    def certainty(self) -> Certainty:
        """Named by annex 3, following from an article, or of this contract alone."""
        if self.source == ANNEX:
            return Certainty.CITED
        return Certainty.ASSUMED if self.source == OURS else Certainty.INFERRED

    @property
    def statuses(self) -> tuple[int, ...]:
        """Every status with which it may say no, in order."""
        return tuple(sorted({*COMMON_STATUSES, *self.more_statuses}))
