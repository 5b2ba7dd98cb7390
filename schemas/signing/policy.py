"""What both sides demand of a signature beyond that it computes: time, algorithm, key."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from schemas.signing.key_reasons import KeyReason
from schemas.signing.keys import Key
from schemas.signing.received_signature import ReceivedSignature
from schemas.signing.signature_errors import KeyRejected, SignatureErrorCode, SignatureRejected
from schemas.signing.suites import SUITES

_PAIR_BYTES: Final = 64
_SEQUENCE, _INTEGER = 0x30, 0x02
MIN_AGE_S: Final = 60
MAX_AGE_S: Final = 900


@dataclass(frozen=True, slots=True)
class Window:
    """How far a signature's times may lie from ours (时间窗口), in seconds."""

    max_age_s: int = 300  # longest life of a request, oldest answer
    max_future_s: int = 60

    def __post_init__(self) -> None:
        if not MIN_AGE_S <= self.max_age_s <= MAX_AGE_S:
            raise ValueError(f"max_age_s is {MIN_AGE_S} to {MAX_AGE_S} seconds")
        if not 0 <= self.max_future_s <= MIN_AGE_S:
            raise ValueError(f"max_future_s is 0 to {MIN_AGE_S} seconds")


DEFAULT_WINDOW: Final = Window()


def seconds(now: datetime) -> float:
    """Return seconds since 1970; a `now` without a zone is a mistake of the caller."""
    if now.tzinfo is None:
        raise ValueError("now needs a time zone")
    return now.timestamp()


def signed_at(created: int) -> datetime:
    """Return the instant that `created` stands for, by which the validity of a key is judged.

    It is the sender's clock that chose the key, so the clocks need not agree on when it began.
    """
    return datetime.fromtimestamp(created, UTC)


def require_signer(key: Key) -> None:
    """Raise `KeyRejected` for a key that holds the public half only."""
    if not key.can_sign:
        reason = KeyReason.KEY_CANNOT_SIGN.at(key_id=key.key_id)
        raise KeyRejected(SignatureErrorCode.KEY_CANNOT_SIGN, reason)


def check_times(received: ReceivedSignature, now: datetime, window: Window) -> None:
    """Hold `created` and `expires` against the clock; both ends of the window are inside it.

    Without `expires` (an answer) the age itself is bounded.
    """
    clock = seconds(now)
    expires = received.created + window.max_age_s if received.expires is None else received.expires
    if expires <= received.created:
        raise SignatureRejected(
            SignatureErrorCode.PARAMETER_INVALID, "expires is not after created"
        )
    if expires - received.created > window.max_age_s:
        raise SignatureRejected(
            SignatureErrorCode.LIFETIME_TOO_LONG, f"valid for longer than {window.max_age_s} s"
        )
    if received.created > clock + window.max_future_s:
        raise SignatureRejected(SignatureErrorCode.NOT_YET_VALID, "created lies in the future")
    if clock > expires:
        raise SignatureRejected(SignatureErrorCode.EXPIRED, "the signature has expired")


def check_signature(received: ReceivedSignature, key: Key, base: bytes) -> None:
    """Verify by the key record's own suite; what the message says of `alg` may only agree."""
    if received.alg is not None and received.alg != key.suite:
        raise SignatureRejected(SignatureErrorCode.ALGORITHM_MISMATCH, "alg is not that of the key")
    if key.engine.verify(base, received.signature):
        return
    if SUITES[key.suite].signs_in_pairs and _is_der(received.signature):
        raise SignatureRejected(SignatureErrorCode.DER_ENCODED, "DER in place of 64 bytes r‖s")
    raise SignatureRejected(SignatureErrorCode.MISMATCH, "the signature does not match the message")


def _is_der(signature: bytes) -> bool:
    """Say whether a signature has the form of a DER sequence that begins with an integer."""
    size = len(signature)
    return size != _PAIR_BYTES and signature[:3] == bytes((_SEQUENCE, size - 2 & 0xFF, _INTEGER))
