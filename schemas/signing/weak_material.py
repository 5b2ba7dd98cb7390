"""Key material (密钥内容) that nobody drew at random: a pattern, a sequence, hardly any bytes.

It cannot be told from its look that bytes were drawn well, only that they were not. Random bytes
are refused by mistake less than once in 2^40 keys of 16 bytes, and never in practice of 32.
"""

from itertools import pairwise
from typing import Final

from schemas.signing.key_reasons import KeyReason
from schemas.signing.signature_errors import KeyRejected, SignatureErrorCode

_DISTINCT_SHARE: Final = 3
_ENOUGH_DISTINCT: Final = 12
"""A third of the bytes have to differ, 12 at most; 32 random bytes hold about 30 different ones."""


def weakness(material: bytes) -> KeyReason | None:
    """Return the rule that `material` breaks, or None where it looks drawn at random."""
    if not any(material):
        return KeyReason.ALL_ZERO
    if _period(material) <= len(material) // 2:
        return KeyReason.REPEATED
    if len({(after - before) % 256 for before, after in pairwise(material)}) == 1:
        return KeyReason.SEQUENCE
    if len(set(material)) < min(len(material) // _DISTINCT_SHARE, _ENOUGH_DISTINCT):
        return KeyReason.FEW_BYTES
    return None


def require_strong(material: bytes, part: str) -> None:
    """Raise `KeyRejected` (`key.weak`) for material of a part that was not drawn at random."""
    if (rule := weakness(material)) is not None:
        reason = KeyReason.WEAK.at(part=part, rule=rule.at())
        raise KeyRejected(SignatureErrorCode.KEY_WEAK, reason)


def _period(material: bytes) -> int:
    """Return the length of the shortest pattern whose repetition `material` is a part of."""
    for length in range(1, len(material)):
        if material[length:] == material[:-length]:
            return length
    return len(material)
