"""What announces a body (正文的头): its type, its coding, its length."""

import re
from collections.abc import Sequence
from typing import Final

from schemas.calls.refusals import CallRefused
from schemas.records.json_errors import LONGEST_BODY_BYTES

JSON: Final = "application/json"
PROBLEM_JSON: Final = "application/problem+json"
_JSON_TYPE: Final = re.compile(
    r"""application/json[ \t]*(;[ \t]*charset=("utf-8"|utf-8)[ \t]*)?""", re.IGNORECASE | re.ASCII
)


def check_type(lines: Sequence[str]) -> None:
    """Let a body in that is JSON in UTF-8: no other type, no other charset, one Content-Type.

    Raises:
        CallRefused: `message.unsupported-type`.
    """
    if len(lines) != 1 or _JSON_TYPE.fullmatch(lines[0].strip(" \t")) is None:
        raise CallRefused("message.unsupported-type")


def check_transport(codings: Sequence[str], announced_bytes: int | None) -> None:
    """Let a body be read: it is not compressed, and not announced to be too long.

    Nothing of this is covered by the signature.

    Raises:
        CallRefused: `message.unsupported-type`, `message.too-large`.
    """
    if any(coding.strip(" \t").lower() not in ("", "identity") for coding in codings):
        raise CallRefused("message.unsupported-type", "不接受压缩：不得带 Content-Encoding")
    if announced_bytes is not None and announced_bytes > LONGEST_BODY_BYTES:
        raise CallRefused("message.too-large")
