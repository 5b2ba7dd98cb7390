"""代码表 and 行政区划表 as they cross a wire; the tables themselves are in `codes`, `divisions`."""

from typing import Annotated

from pydantic import Field

from schemas.records.base import (
    CivilDate,
    DivisionCode,
    MediumText,
    ShortText,
    TableCode,
    Whole,
    WireModel,
    line,
)
from schemas.reference.code_rows import Certainty
from schemas.reference.division_rows import DivisionLevel

SourceText = Annotated[str, line(200)]


class CodeRow(WireModel):
    """One value of a code table; the dates are the first and the last day, Beijing dates."""

    code: TableCode
    name: MediumText
    valid_from: CivilDate | None = None
    valid_to: CivilDate | None = None
    replaced_by: TableCode | None = None
    source: SourceText
    certainty: Certainty = Field(strict=False)


class CodeTable(WireModel):
    """代码表: one generation of one table; `generation` is absent where there is only one."""

    table: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
    generation: ShortText | None = None
    rows: Annotated[tuple[CodeRow, ...], Field(min_length=1, max_length=2000)]


TablePartNo = Annotated[int, Whole(1, 200)]
"""Number of a part, from 1; there is one for each generation of each table."""


class CodeTableList(WireModel):
    """The answer to `fetchCodeTables`: every generation of every table, or the part asked for.

    A part is one generation of one table: all of them in one answer could be longer than any body
    that is read. Whoever does not ask for a part, or asks a side of contract 1.0, gets all of them
    in one answer, which then says no `part`.
    """

    part: TablePartNo | None = None
    parts: TablePartNo | None = None
    tables: Annotated[tuple[CodeTable, ...], Field(max_length=200)]


class DivisionRow(WireModel):
    """行政区划: one division; `parent` is absent for a province.

    The dates are the widest that the dated sources allow; none means that no source shows it.
    """

    code: DivisionCode
    name: MediumText
    level: DivisionLevel = Field(strict=False)
    parent: DivisionCode | None = None
    valid_from: CivilDate | None = None
    valid_to: CivilDate | None = None
    replaced_by: DivisionCode | None = None


class DivisionPage(WireModel):
    """One answer of `fetchDivisions`: divisions in the order of their codes, after a given one."""

    as_of: CivilDate
    divisions: Annotated[tuple[DivisionRow, ...], Field(max_length=1000)]
    more: bool
