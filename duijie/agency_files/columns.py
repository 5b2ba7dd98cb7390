"""列: the columns of an agency file, by their headings in Chinese and in English."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Column:
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
    Column("code", "机构代码", required=True, text_only=True),
    Column("name", "机构名称", required=True),
    Column("division", "行政区划代码", required=True),
    Column("address", "办公地址", required=True),
    Column("telephone", "联系电话", required=True, text_only=True),
    Column("level", "机构层级", required=True),
    Column("kind", "机构类别", required=True),
    Column("parent", "上级机构代码", text_only=True, optional=True),
    Column("services", "经办项目", required=True),
    Column("registers", "办理失业登记", required=True),
    Column("accounts", "实名账号数", optional=True),
    Column("valid_from", "首日", required=True),
    Column("valid_to", "末日", optional=True),
    Column("unit", "责任单位", optional=True),
    Column("person", "责任人", optional=True),
)
"""In the order in which they are written; the member is the English heading."""
BY_MEMBER: Final[Mapping[str, Column]] = MappingProxyType({one.member: one for one in COLUMNS})
BY_HEADING: Final[Mapping[str, Column]] = MappingProxyType(
    {name: one for one in COLUMNS for name in (one.heading, one.member)}
)
"""By either heading."""


def column_of(heading: str) -> Column | None:
    """Return the column of a heading as somebody wrote it; blanks and a star do not count."""
    plain = "".join(heading.split()).rstrip("*＊")
    return BY_HEADING.get(plain) or BY_HEADING.get(plain.lower())
