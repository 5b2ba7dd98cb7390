"""跟踪上下文 (W3C `traceparent`): adopted from a proven caller; any other begins a new trace."""

import random
import re
from collections.abc import Sequence
from typing import Final

_TRACEPARENT: Final = re.compile(
    r"(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-[!-~]*)?",
    re.ASCII,
)
_FIRST_VERSION: Final = "00"


def sent_trace(lines: Sequence[str]) -> str | None:
    """Return the trace id of a request's `traceparent` lines, or None where there is none to adopt.

    A malformed one, one of zeros and one that stands twice are passed over, as W3C wants it: a call
    is never refused for them. What later versions add at the end is not looked at.
    """
    found = _TRACEPARENT.fullmatch(lines[0]) if len(lines) == 1 else None
    if found is None or (found[1] == _FIRST_VERSION and found[3] is not None):
        return None
    return found[2]


def fresh_trace() -> str:
    """Return a new trace id; it has to be distinct, not secret."""
    return f"{random.getrandbits(128) or 1:032x}"


def traceparent(trace_id: str) -> str:
    """Return the W3C header that hands `trace_id` on, with a span of our own, sampled."""
    span = random.getrandbits(64) or 1
    return f"00-{trace_id}-{span:016x}-01"
