"""列: the columns of an agency file, by their headings in Chinese and in English."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """One column: its member, its Chinese heading, whether each row needs a value.

    With `text_only` a number cell of a workbook is refused: zeros at its front are lost by then,
    or digits at its end. With `optional` the whole column may be absent.
    """

    member: str
    heading: str
    required: bool = False
    text_only: bool = False
    optional: bool = False


COLUMNS: Final = (
    SheetColumn("code", "机构代码", required=True, text_only=True),
    SheetColumn("name", "机构名称", required=True),
    SheetColumn("division", "行政区划代码", required=True),
    SheetColumn("address", "办公地址", required=True),
    SheetColumn("telephone", "联系电话", required=True, text_only=True),
    SheetColumn("level", "机构层级", required=True),
    SheetColumn("kind", "机构类别", required=True),
    SheetColumn("parent", "上级机构代码", text_only=True, optional=True),
    SheetColumn("services", "经办项目", required=True),
    SheetColumn("registers", "办理失业登记", required=True),
    SheetColumn("accounts", "实名账号数", optional=True),
    SheetColumn("valid_from", "首日", required=True),
    SheetColumn("valid_to", "末日", optional=True),
    SheetColumn("unit", "责任单位", optional=True),
    SheetColumn("person", "责任人", optional=True),
)
"""In the order in which they are written; the member is the English heading."""
BY_MEMBER: Final[Mapping[str, SheetColumn]] = MappingProxyType({one.member: one for one in COLUMNS})
BY_HEADING: Final[Mapping[str, SheetColumn]] = MappingProxyType(
    {name: one for one in COLUMNS for name in (one.heading, one.member)}
)
"""By either heading."""


def column_of(heading: str) -> SheetColumn | None:
    """Return the column of a heading as somebody wrote it; blanks and a star do not count."""
    plain = "".join(heading.split()).rstrip("*＊")
    return BY_HEADING.get(plain) or BY_HEADING.get(plain.lower())
