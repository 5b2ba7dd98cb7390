"""Key material (密钥内容) that nobody drew at random: a pattern, a sequence, hardly any bytes.

It cannot be told from its look that bytes were drawn well, only that they were not. Random bytes
are refused by mistake less than once in 2^40 keys of 16 bytes, and never in practice of 32.
"""

from itertools import pairwise
from typing import Final

from schemas.signing.signature_errors import KeyRejected, SignatureErrorCode

_DISTINCT_SHARE: Final = 3
_ENOUGH_DISTINCT: Final = 12
"""A third of the bytes have to differ, 12 at most; 32 random bytes hold about 30 different ones."""


def weakness(material: bytes) -> str | None:
    """Return the rule that `material` breaks, or None where it looks drawn at random."""
    if not any(material):
        return "all zero"
    if _period(material) <= len(material) // 2:
        return "a pattern repeated"
    if len({(after - before) % 256 for before, after in pairwise(material)}) == 1:
        return "a sequence"
    if len(set(material)) < min(len(material) // _DISTINCT_SHARE, _ENOUGH_DISTINCT):
        return "too few different bytes"
    return None


def require_strong(material: bytes, what: str) -> None:
    """Raise `KeyRejected` (`key.weak`) for material that was not drawn at random."""
    if (rule := weakness(material)) is not None:
        raise KeyRejected(
            SignatureErrorCode.KEY_WEAK,
            f"{what}: {rule}; draw a new key from the system's random source",
        )


def _period(material: bytes) -> int:
    """Return the length of the shortest pattern whose repetition `material` is a part of."""
    for length in range(1, len(material)):
        if material[length:] == material[:-length]:
            return length
    return len(material)
