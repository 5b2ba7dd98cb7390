"""A refused call or item (拒绝), and its problem body in the words of the catalogue."""

from collections.abc import Sequence
from typing import Final

from schemas.records.problem_texts import PROBLEM_TEXTS, ProblemText
from schemas.records.problems import LONGEST_DETAIL, FieldError, Problem
from schemas.signing import EXPLANATIONS, SignatureErrorCode

_UNAUTHENTICATED: Final = 401
_SIGNATURE_CODES: Final = frozenset(SignatureErrorCode)


class CallRefused(Exception):
    """A call, or one item of it, is not acceptable; nothing of it took effect.

    `detail` is Chinese and goes out, None where the catalogue's cure says it; `errors` name members
    and rules. Neither holds a value that was sent.
    """

    def __init__(
        self, code: str, detail: str | None = None, *, errors: tuple[FieldError, ...] = ()
    ) -> None:
        super().__init__(code if detail is None else f"{code}: {detail}")
        self.code, self.detail, self.errors = code, detail, errors


def problem_text(code: str) -> ProblemText:
    """Return what the catalogue says of `code`; a code of signatures is always a 401."""
    if code in _SIGNATURE_CODES:
        words = EXPLANATIONS[SignatureErrorCode(code)]
        return ProblemText(_UNAUTHENTICATED, words.title, words.cause, words.cure)
    return PROBLEM_TEXTS[code]


def problem(
    code: str,
    detail: str | None = None,
    *,
    trace_id: str | None = None,
    errors: Sequence[FieldError] = (),
) -> Problem:
    """Return the problem body of a stable code; without a detail that fits, with the cure."""
    kind = problem_text(code)
    said = detail if detail is not None and 0 < len(detail) <= LONGEST_DETAIL else kind.cure
    return Problem(
        type=f"urn:duijie:problem:{code}",
        code=code,
        title=kind.title,
        status=kind.status,
        detail=said,
        trace_id=trace_id,
        errors=tuple(errors),
    )
