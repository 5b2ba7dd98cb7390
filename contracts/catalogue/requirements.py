"""需求表 (requirements.csv): every clause of the notices, where it is met, and what proves it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from schemas.reference.csv_table import TableUnreadable, read_rows

SHIPPED: Final = Path(__file__).parent.parent / "v1" / "requirements.csv"
_COLUMNS: Final = (
    *("id", "source", "article", "kind", "text_zh", "text_en"),
    *("in_scope", "why_not", "code", "proof"),
)


class Scope(StrEnum):
    """Whether a clause is this project's to meet."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"


class Kind(StrEnum):
    """What a clause asks of software."""

    VALIDATE = "V"
    PROCESS = "P"
    TIMER = "T"
    RECORD = "R"
    INTERFACE = "I"
    CONFIGURE = "C"
    USER_VIEW = "U"
    NONE = "-"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One clause: `code` names files, `proof` names tests as `path::function`."""

    id: str
    source: str  # 文号
    article: str
    kinds: tuple[Kind, ...]
    text_zh: str
    text_en: str
    in_scope: Scope
    why_not: str
    code: tuple[str, ...]
    proof: tuple[str, ...]


@cache
def requirements() -> Mapping[str, Requirement]:
    """Return the clauses by id, in the order of the table.

    Raises:
        TableUnreadable: The file is damaged, or an id stands twice.
    """
    found: dict[str, Requirement] = {}
    for line, cells in read_rows(SHIPPED, _COLUMNS):
        one = _requirement(line, cells)
        if one.id in found:
            raise TableUnreadable(SHIPPED, line, f"{one.id} stands twice")
        found[one.id] = one
    return MappingProxyType(found)


def _requirement(line: int, cells: list[str]) -> Requirement:
    number, source, article, kinds, text_zh, text_en, in_scope, why_not, code, proof = cells
    try:
        return Requirement(
            id=number,
            source=source,
            article=article,
            kinds=tuple(Kind(kind) for kind in kinds.split(";")),
            text_zh=text_zh,
            text_en=text_en,
            in_scope=Scope(in_scope),
            why_not=why_not,
            code=_listed(code),
            proof=_listed(proof),
        )
    except ValueError as exc:
        raise TableUnreadable(SHIPPED, line, str(exc)) from exc


def _listed(cell: str) -> tuple[str, ...]:
    return tuple(part for part in cell.split(";") if part)
