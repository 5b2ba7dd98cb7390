"""Header conventions met in practice (兼容方案): to dock with a gateway that knows no other.

All are weak: neither method nor path nor body is covered, so whoever can reach into the
connection can change the message and keep the proof. Never the default; mutual TLS or a private
network has to carry them. They differ in names and order only: `header_profiles` has them as data.

The design of the contract promises to sign and verify by them. No setting gives a connection one
yet: until a peer asks for it, `duijie doctor` names them as weak, and tests alone sign by them.
"""

import re
import secrets
from binascii import b2a_base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from hmac import compare_digest
from typing import ClassVar, Final

from schemas.signing.bases import Headers
from schemas.signing.digests import hmac_sha256
from schemas.signing.key_reasons import KeyReason
from schemas.signing.policy import MAX_AGE_S, MIN_AGE_S, seconds
from schemas.signing.signature_errors import KeyRejected, SignatureErrorCode, SignatureRejected

MIN_SECRET_BYTES: Final = 16  # the other side hands it out; most are 32 characters
DEFAULT_MAX_AGE_S: Final = 600  # documented by the Shandong convention. Assumed: for the others
MAX_FUTURE_S: Final = 60

_NAME: Final = re.compile(r"[!-~]{1,128}", re.ASCII)
_NONCE: Final = re.compile(r"[A-Za-z0-9_-]{8,128}", re.ASCII)
_DIGITS: Final = {1: re.compile(r"[0-9]{10}", re.ASCII), 1000: re.compile(r"[0-9]{13}", re.ASCII)}


class Part(StrEnum):
    """What goes into the signed string."""

    CALLER = "caller"  # who is calling
    SERVICE = "service"  # what is called
    TIME = "time"
    NONCE = "nonce"
    SECRET = "secret"  # noqa: S105 - the place of the secret, not one


class Proof(StrEnum):
    """How the string becomes the signature."""

    HMAC_SHA256_BASE64 = "hmac-sha256-base64"
    SHA256_HEX = "sha256-hex"  # the secret stands within the string


@dataclass(frozen=True, slots=True)
class HeaderProfile:
    """One convention: names of the headers, order of the string, kind of proof."""

    weak: ClassVar[bool] = True
    weakness: ClassVar[str] = (
        "签名不覆盖方法、路径和正文：须有双向 TLS 或专网，正文可被改动而不被发现。"
    )

    name: str
    title: str  # for people
    headers: Mapping[Part, str]
    signature_header: str
    order: tuple[Part, ...]
    proof: Proof
    ticks_per_s: int  # 1 or 1000: the unit of the time header
    service_header: str | None = None  # outside the string: sent if known, proves nothing

    @property
    def has_nonce(self) -> bool:
        """Whether two messages of the same instant can be told apart."""
        return Part.NONCE in self.headers


@dataclass(frozen=True, slots=True)
class Credentials:
    """The names and the secret that the other side handed out."""

    caller: str
    secret: bytes = field(repr=False)
    service: str = ""  # needed where the service is part of the string

    def __post_init__(self) -> None:
        if len(self.secret) < MIN_SECRET_BYTES:
            reason = KeyReason.SECRET_TOO_SHORT.at(bytes=MIN_SECRET_BYTES)
            raise KeyRejected(SignatureErrorCode.KEY_TOO_SHORT, reason)
        for name in (self.caller, self.service or "-"):
            if _NAME.fullmatch(name) is None:
                raise KeyRejected(SignatureErrorCode.KEY_MALFORMED, KeyReason.NAME.at())


@dataclass(frozen=True, slots=True)
class WeaklyVerified:
    """What is proven: someone with the secret made these headers, at that time, for any message."""

    caller: str
    sent_at: datetime  # UTC
    expires: datetime  # UTC: until then `replay_key` has to be remembered
    replay_key: str  # must be new; without a nonce, a second call in one tick looks like a replay


def sign_headers(
    profile: HeaderProfile, credentials: Credentials, *, now: datetime, nonce: str | None = None
) -> dict[str, str]:
    """Return the headers that prove `credentials` under `profile`.

    Args:
        profile: The convention of the other side.
        credentials: Our names and secret there.
        now: The current instant, with its zone.
        nonce: 8-128 characters of base64url; drawn where the convention has one.

    Raises:
        ValueError: An unfit nonce, one where the convention has none, or a missing service.
    """
    parts = _known_parts(profile, credentials)
    parts[Part.TIME] = str(int(seconds(now) * profile.ticks_per_s))
    if profile.has_nonce:
        parts[Part.NONCE] = secrets.token_hex(16) if nonce is None else nonce
        if _NONCE.fullmatch(parts[Part.NONCE]) is None:
            raise ValueError("a nonce has 8-128 characters of base64url")
    elif nonce is not None:
        raise ValueError(f"{profile.name} has no nonce")
    headers = {header: parts[part] for part, header in profile.headers.items()}
    if profile.service_header is not None and credentials.service:
        headers[profile.service_header] = credentials.service
    headers[profile.signature_header] = _proof(profile, credentials, parts)
    return headers


def verify_headers(
    profile: HeaderProfile,
    known: Mapping[str, Credentials],
    headers: Headers,
    *,
    now: datetime,
    max_age_s: int = DEFAULT_MAX_AGE_S,
) -> WeaklyVerified:
    """Return what the headers prove; whether `replay_key` is new is the database's to say.

    Args:
        profile: The convention expected on this connection.
        known: The credentials of those who may call, by the caller's name.
        headers: As received.
        now: The current instant, with its zone.
        max_age_s: 60-900; both ends of the window are inside it.

    Raises:
        SignatureRejected: The headers prove nothing.
        ValueError: `max_age_s` is out of bounds, or the caller is set up without its service.
    """
    if not MIN_AGE_S <= max_age_s <= MAX_AGE_S:
        raise ValueError(f"max_age_s is {MIN_AGE_S} to {MAX_AGE_S} seconds")
    sent = {part: _one(headers, header) for part, header in profile.headers.items()}
    signature = _one(headers, profile.signature_header)
    credentials = known.get(sent[Part.CALLER])
    if credentials is None:
        raise SignatureRejected(SignatureErrorCode.UNKNOWN_KEY, "no such caller")
    sent_at = _sent_at(profile, sent[Part.TIME], seconds(now), max_age_s)
    if profile.has_nonce and _NONCE.fullmatch(sent[Part.NONCE]) is None:
        raise SignatureRejected(
            SignatureErrorCode.NONCE_UNFIT, "nonce is not 8-128 characters of base64url"
        )
    expected = _proof(profile, credentials, sent | _known_parts(profile, credentials))
    # Assumed: hexadecimal comes in either case.
    shown = signature.lower() if profile.proof is Proof.SHA256_HEX else signature
    same_service = sent.get(Part.SERVICE, credentials.service) == credentials.service
    if not compare_digest(expected.encode(), shown.encode()) or not same_service:
        raise SignatureRejected(
            SignatureErrorCode.MISMATCH, "the signature does not match the headers"
        )
    replay_key = f"{credentials.caller}:{sent.get(Part.NONCE, expected)}"
    return WeaklyVerified(
        credentials.caller,
        datetime.fromtimestamp(sent_at, UTC),
        datetime.fromtimestamp(sent_at + max_age_s, UTC),
        replay_key,
    )


def _known_parts(profile: HeaderProfile, credentials: Credentials) -> dict[Part, str]:
    parts = {Part.CALLER: credentials.caller}
    if Part.SERVICE in profile.headers:
        if not credentials.service:
            raise ValueError(f"{profile.name} needs the name of the service")
        parts[Part.SERVICE] = credentials.service
    return parts


def _proof(profile: HeaderProfile, credentials: Credentials, parts: Mapping[Part, str]) -> str:
    pieces = (
        credentials.secret if part is Part.SECRET else parts[part].encode()
        for part in profile.order
    )
    text = b"".join(pieces)
    if profile.proof is Proof.SHA256_HEX:
        return sha256(text).hexdigest()
    return b2a_base64(hmac_sha256(credentials.secret, text), newline=False).decode("ascii")


def _one(headers: Headers, name: str) -> str:
    lines = headers.getall(name, [])
    if not lines:
        raise SignatureRejected(SignatureErrorCode.MISSING, f"{name} is needed")
    value = lines[0].strip(" \t")
    if len(lines) > 1 or _NAME.fullmatch(value) is None:
        raise SignatureRejected(SignatureErrorCode.MALFORMED, f"{name} is not one printable value")
    return value


def _sent_at(profile: HeaderProfile, text: str, clock: float, max_age_s: int) -> float:
    """Return seconds since 1970; a fixed number of digits, or the string could be cut elsewhere."""
    if _DIGITS[profile.ticks_per_s].fullmatch(text) is None:
        raise SignatureRejected(
            SignatureErrorCode.PARAMETER_INVALID, "the time has another unit or form"
        )
    sent_at = int(text) / profile.ticks_per_s
    if sent_at > clock + MAX_FUTURE_S:
        raise SignatureRejected(SignatureErrorCode.NOT_YET_VALID, "the time lies in the future")
    if clock > sent_at + max_age_s:
        raise SignatureRejected(SignatureErrorCode.EXPIRED, "the signature has expired")
    return sent_at
