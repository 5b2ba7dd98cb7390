"""逐条响应: the answer to one item of a batch: a receipt, the first one again, or a refusal."""

from dataclasses import dataclass
from typing import Final, NamedTuple, Self

from gateway.errors import RequestRefused
from schemas.records.problem_texts import PROBLEM_TEXTS
from schemas.records.problems import FieldError
from schemas.records.receipts import ItemStatus
from schemas.signing import SignatureErrorCode

_PROBLEMS: Final = frozenset(PROBLEM_TEXTS) | frozenset(map(str, SignatureErrorCode))


def known_problem(code: str) -> str:
    """Return `code` if the catalogue of problems has it, else ``.

    A peer could write a certificate number (证件号码) where a code belongs; it goes no further.
    """
    return code if code in _PROBLEMS else ""


class Objection(NamedTuple):
    """Why an item is not taken: a code of the error catalogue, for the log, and for its sender."""

    code: str
    detail: str
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class ItemAnswer:
    """The answer to one item: a receipt as its exact bytes, or why it was refused.

    `key` and `revision` are the message's, None and 0 where it could not be read.
    """

    status: ItemStatus
    receipt: bytes | None = None
    key: str | None = None
    revision: int = 0
    refused: RequestRefused | None = None
    errors: tuple[FieldError, ...] = ()

    @classmethod
    def refusal(cls, code: str, detail: str, errors: tuple[FieldError, ...] = ()) -> Self:
        """Return the answer to an item that is not taken; `code` is of the error catalogue."""
        return cls(ItemStatus.REFUSED, refused=RequestRefused(code, detail), errors=errors)
