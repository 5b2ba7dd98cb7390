"""记录的名称 (records.csv): what each record, part and closed list is called in Chinese, and is."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from schemas.reference.csv_table import read_rows

SHIPPED: Final = Path(__file__).parent.parent / "data" / "records.csv"
_COLUMNS: Final = ("model", "name_zh", "says_zh")


@dataclass(frozen=True, slots=True)
class RecordWords:
    """The Chinese name of a model, and one sentence; the English one is the model's own."""

    name_zh: str
    says_zh: str


@cache
def record_words() -> Mapping[str, RecordWords]:
    """Return the words by the name of the model.

    Raises:
        TableUnreadable: The file is damaged.
    """
    rows = read_rows(SHIPPED, _COLUMNS)
    return MappingProxyType({model: RecordWords(name, says) for _, (model, name, says) in rows})
