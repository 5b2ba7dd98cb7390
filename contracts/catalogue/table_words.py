"""代码表目录 (code_tables.csv): what each code table is called, in both languages."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from schemas.reference.csv_table import read_rows

SHIPPED: Final = Path(__file__).parent.parent / "data" / "code_tables.csv"
_COLUMNS: Final = ("table", "name_zh", "name_en")


@dataclass(frozen=True, slots=True)
class TableWords:
    """The names of one table."""

    name_zh: str
    name_en: str


@cache
def table_words() -> Mapping[str, TableWords]:
    """Return the names by table.

    Raises:
        TableUnreadable: The file is damaged.
    """
    rows = read_rows(SHIPPED, _COLUMNS)
    return MappingProxyType(
        {table: TableWords(chinese, english) for _, (table, chinese, english) in rows}
    )


def code_tables_csv() -> bytes:
    """Return the published index of the tables."""
    return SHIPPED.read_bytes()
