"""Where something stands in a JSON document, as a JSON Pointer (RFC 6901)."""

from collections.abc import Iterable
from typing import Final

from pydantic_core import ErrorDetails

_UNKNOWN_MEMBER: Final = "extra_forbidden"


def json_pointer(steps: Iterable[str | int]) -> str:
    """Return the pointer to a member by the names and indices that lead to it; `` is the whole."""
    return "".join(f"/{_escaped(str(step))}" for step in steps)


def pointer_to(error: ErrorDetails) -> str:
    """Return the pointer to what an error of a record is about.

    A member that the record does not know is not named: the sender made its name up, and it may be
    a person's. The pointer leads to its parent.
    """
    known = error["loc"][:-1] if error["type"] == _UNKNOWN_MEMBER else error["loc"]
    return json_pointer(known)


def steps_of(pointer: str) -> list[str]:
    """Return the names and indices of a pointer, the reverse of `json_pointer`."""
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def _escaped(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")
