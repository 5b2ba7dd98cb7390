"""错误依据 (error_proofs.csv): the clause and rule behind each error code, and what proves it."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from schemas.reference.csv_table import TableUnreadable, read_rows

SHIPPED: Final = Path(__file__).parent.parent / "data" / "error_proofs.csv"
NOT_YET_BUILT: Final = "尚未建成"
_COLUMNS: Final = ("code", "clause", "rule", "proof")


@dataclass(frozen=True, slots=True)
class ErrorProof:
    """Why a code exists: `clauses` are ids of requirements, standards, or parts of the contract.

    `proof` names tests as `path::function`; it is empty where nothing answers the code yet.
    """

    code: str
    clauses: tuple[str, ...]
    rule: str
    proof: tuple[str, ...]


@cache
def error_proofs() -> Mapping[str, ErrorProof]:
    """Return what stands behind each code, in the order of the table.

    Raises:
        TableUnreadable: The file is damaged, a cell is empty, or a code stands twice.
    """
    found: dict[str, ErrorProof] = {}
    for line, (code, clause, rule, proof) in read_rows(SHIPPED, _COLUMNS):
        if code in found or not (clause and rule and proof):
            raise TableUnreadable(SHIPPED, line, f"{code} stands twice, or lacks a cell")
        tests = () if proof == NOT_YET_BUILT else tuple(proof.split(";"))
        found[code] = ErrorProof(code, tuple(clause.split(";")), rule, tests)
    return MappingProxyType(found)


def error_proofs_csv() -> bytes:
    """Return the published table: one row for each code and test that proves it."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("code", "proof"))
    for one in error_proofs().values():
        writer.writerows((one.code, proof) for proof in one.proof or (NOT_YET_BUILT,))
    return text.getvalue().encode()
