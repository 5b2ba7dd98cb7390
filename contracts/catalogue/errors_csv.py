"""错误目录 (errors.csv): every stable code of a problem body: title, cause, cure, clause, rule."""

import csv
import io
from collections.abc import Mapping
from dataclasses import astuple, dataclass, fields
from functools import cache
from types import MappingProxyType
from typing import Final

from contracts.catalogue.error_proofs import error_proofs
from schemas.records.field_error_texts import FIELD_ERROR_TEXTS
from schemas.records.json_error_texts import JSON_ERROR_TEXTS
from schemas.records.problem_texts import PROBLEM_TEXTS
from schemas.signing import EXPLANATIONS

_SIGNATURE: Final = "signature."
_FIELD: Final = "field."
_PREFIX: Final = "urn:duijie:problem:"


@dataclass(frozen=True, slots=True)
class ErrorRow:
    """One row of the catalogue; `status` is 0 where the code never stands for a whole answer."""

    code: str
    type: str
    status: int
    title: str
    cause: str
    cure: str
    clause: str  # ids of requirements, standards, parts of the contract; a semicolon between
    rule: str


@cache
def errors() -> Mapping[str, ErrorRow]:
    """Return the catalogue by code: problems, signatures and keys, malformed JSON, members."""
    rows = [
        *(
            _row(code, text.status, text.title, text.cause, text.cure)
            for code, text in PROBLEM_TEXTS.items()
        ),
        *(
            _row(code.value, _status(code.value), text.title, text.cause, text.cure)
            for code, text in EXPLANATIONS.items()
        ),
        *(
            _row(code.value, 0, text.title, text.cause, text.cure)
            for code, text in JSON_ERROR_TEXTS.items()
        ),
        *(
            _row(f"{_FIELD}{rule}", 0, text.title, text.cause, text.cure)
            for rule, text in FIELD_ERROR_TEXTS.items()
        ),
    ]
    return MappingProxyType({row.code: row for row in rows})


def errors_csv() -> bytes:
    """Return the published catalogue."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(field.name for field in fields(ErrorRow))
    writer.writerows(astuple(row) for row in errors().values())
    return text.getvalue().encode()


def _row(code: str, status: int, title: str, cause: str, cure: str) -> ErrorRow:
    """Raise `KeyError` where no clause and rule are given: no code without a reason."""
    proof = error_proofs()[code]
    clause = ";".join(proof.clauses)
    return ErrorRow(code, f"{_PREFIX}{code}", status, title, cause, cure, clause, proof.rule)


def _status(code: str) -> int:
    """A signature that proves nothing is answered 401; a bad key file is answered nobody."""
    return 401 if code.startswith(_SIGNATURE) else 0
