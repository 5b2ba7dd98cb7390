"""回执与拒绝: the receipt for what was stored, and the problem for what was not."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Final, Literal

import orjson

from contracts.verify.schema_validator import SchemaViolation
from schemas.records.problem_texts import PROBLEM_TEXTS, ProblemText
from schemas.records.problems import LONGEST_POINTER, FieldError, Problem
from schemas.records.receipts import ItemStatus
from schemas.signing import EXPLANATIONS, SignatureErrorCode
from simulator.errors import RequestRefused
from simulator.exchanges.entries import ItemAnswer

_MAX_MESSAGE: Final = 300
_UNAUTHENTICATED: Final = 401
_SIGNATURE_CODES: Final = frozenset(SignatureErrorCode)

ReceiptKind = Literal["application", "withdrawal", "outcome", "dispatch"]


def receipt(key: str, kind: ReceiptKind, *, revision: int, digest: str, at: datetime) -> bytes:
    """Return the receipt for a message stored at `at`: the bytes of the model `Receipt`.

    `digest` is over what the message says, not over how it is written.
    """
    number = sha256(f"{kind}/{key}/{revision}/{digest}/{at.isoformat()}".encode()).hexdigest()[:24]
    return orjson.dumps(  # without the model: one is given for every message
        {
            "receipt_no": number,
            "key": key,
            "kind": kind,
            "revision": revision,
            "digest": digest,
            "received_at": at,
        },
        option=orjson.OPT_UTC_Z,
    )


def problem_text(code: str) -> ProblemText:
    """Return what the catalogue says of `code`; a code of signatures is always a 401."""
    if code in _SIGNATURE_CODES:
        words = EXPLANATIONS[SignatureErrorCode(code)]
        return ProblemText(_UNAUTHENTICATED, words.title, words.cause, words.cure)
    return PROBLEM_TEXTS[code]


def problem(refused: RequestRefused, trace_id: str | None = None) -> Problem:
    """Return the problem body for a refusal, in the words of the catalogue."""
    kind = problem_text(refused.code)
    return Problem(
        type=f"urn:duijie:problem:{refused.code}",
        code=refused.code,
        title=kind.title,
        status=kind.status,
        detail=refused.detail or kind.cure[:100],
        trace_id=trace_id,
        errors=refused.errors,
    )


def refused_item(refused: RequestRefused) -> ItemAnswer:
    """Return the answer to an item that was refused."""
    return ItemAnswer(ItemStatus.REFUSED, problem(refused).wire())


def field_errors(violations: Sequence[SchemaViolation]) -> tuple[FieldError, ...]:
    """Return violations of the published schema as the errors of a problem body."""
    return tuple(
        FieldError(
            pointer=violation.pointer[:LONGEST_POINTER],
            code="message.invalid",
            message=f"不符合契约规则 {violation.rule or 'JSON'}"[:_MAX_MESSAGE],
        )
        for violation in violations
    )
