"""公共就业服务机构清单: the published list of agencies, versioned, sent in parts."""

from typing import Annotated, Final

from pydantic import Field

from schemas.records.base import (
    Address,
    AgencyCode,
    CivilDate,
    DivisionCode,
    Instant,
    MediumText,
    ShortText,
    Whole,
    WireModel,
    YesNo,
)
from schemas.records.listed_code import ListedCode

DirectoryVersion = Annotated[int, Whole(1, 999_999)]
"""清单版本: one more with each publication, never re-used."""
Telephone = Annotated[str, Field(pattern=r"^[0-9+() -]{3,30}$")]
"""联系电话 of an agency: digits, and what is written between them."""
Accounts = Annotated[int, Whole(0, 99_999)]
"""实名账号数: accounts that may register the unemployed."""
PartNo = Annotated[int, Whole(1, 9999)]
"""Number of a part, from 1."""


AGENCY_LEVEL: Final = ListedCode(
    "agency-level",
    "AgencyLevel",
    "机构层级. Source: 湘人社函〔2020〕23号 art. 3 (in four levels). Assumed: the values.",
)
AGENCY_KIND: Final = ListedCode(
    "agency-kind",
    "AgencyKind",
    "机构类别. Source: 人社厅发〔2020〕3号 arts. 2, 4(7). Assumed: the values.",
)


class Agency(WireModel):
    """公共就业服务机构: who accepts and decides, where, and what it may do there.

    `accounts` counts the real-name accounts that may register the unemployed (Hunan: at least one).
    `valid_from` and `valid_to` are the first and the last day in the list, Beijing dates.

    Source: 人社厅发〔2020〕3号 arts. 2, 4, 7 and annex 4.
    """

    code: AgencyCode = Field(alias="aae017")
    name: MediumText = Field(alias="ajg004")
    address: Address = Field(alias="ajg008")
    telephone: Telephone = Field(alias="ajg005")
    division: DivisionCode
    level: Annotated[str, AGENCY_LEVEL]
    kind: Annotated[str, AGENCY_KIND]
    parent: AgencyCode | None = None
    services: Annotated[tuple[ShortText, ...], Field(min_length=1, max_length=20)]
    registers: YesNo
    accounts: Accounts | None = None
    valid_from: CivilDate
    valid_to: CivilDate | None = None


class AgencyDirectory(WireModel):
    """机构清单: one part of one version of a province's list; in force once all parts are there.

    Source: 人社厅发〔2020〕3号 art. 7 and annex 4 (published nationally, kept up to date).
    Assumed: versions and parts.
    """

    division: DivisionCode
    version: DirectoryVersion
    published_at: Instant
    part: PartNo
    parts: PartNo
    agencies: Annotated[tuple[Agency, ...], Field(min_length=1, max_length=200)]


class DirectoryAnswer(WireModel):
    """The answer to `publishAgencies`: the parts that are there, and whether all are."""

    division: DivisionCode
    version: DirectoryVersion
    received: Annotated[tuple[PartNo, ...], Field(max_length=9999)]
    parts: PartNo
    in_force: bool
