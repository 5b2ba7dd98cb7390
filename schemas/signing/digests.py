"""Hashes, and the `Content-Digest` field over a body as sent (RFC 9530)."""

import hashlib
import hmac
from binascii import b2a_base64
from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC

from schemas.signing.fields import FieldSyntaxError, InnerList, parse_dictionary
from schemas.signing.signature_errors import SignatureErrorCode, SignatureRejected

Hash = Callable[[bytes], bytes]
Mac = Callable[[bytes, bytes], bytes]


def sha256(data: bytes) -> bytes:
    """Return the 32 bytes of SHA-256."""
    return hashlib.sha256(data).digest()


def sha512(data: bytes) -> bytes:
    """Return the 64 bytes of SHA-512."""
    return hashlib.sha512(data).digest()


def hmac_sha256(secret: bytes, data: bytes) -> bytes:
    """Return the 32 bytes of HMAC-SHA256."""
    return hmac.digest(secret, data, "sha256")


def sm3_by_hashlib(data: bytes) -> bytes:
    """Return SM3 (GB/T 32905) by the interpreter's own OpenSSL."""
    return hashlib.new("sm3", data).digest()


def sm3_by_cryptography(data: bytes) -> bytes:
    """Return SM3 (GB/T 32905) by the OpenSSL inside `cryptography`."""
    state = hashes.Hash(hashes.SM3())
    state.update(data)
    return state.finalize()


def hmac_sm3_by_hashlib(secret: bytes, data: bytes) -> bytes:
    """Return HMAC-SM3 by the interpreter's own OpenSSL."""
    return hmac.digest(secret, data, "sm3")


def hmac_sm3_by_cryptography(secret: bytes, data: bytes) -> bytes:
    """Return HMAC-SM3 by the OpenSSL inside `cryptography`."""
    state = HMAC(secret, hashes.SM3())
    state.update(data)
    return state.finalize()


def choose_sm3(available: Collection[str]) -> tuple[Hash, Mac]:
    """Return SM3 and HMAC-SM3; not every build of the interpreter has them in `hashlib`."""
    if "sm3" in available:
        return sm3_by_hashlib, hmac_sm3_by_hashlib
    return sm3_by_cryptography, hmac_sm3_by_cryptography


sm3, hmac_sm3 = choose_sm3(hashlib.algorithms_available)

# Members of `Content-Digest` that count; others are carried along and prove nothing.
# `sm3` is not in the IANA registry. Assumed: the name the national suites use here.
DIGESTS: Final[Mapping[str, Hash]] = MappingProxyType(
    {"sha-256": sha256, "sha-512": sha512, "sm3": sm3}
)


def content_digest(algorithm: str, body: bytes) -> str:
    """Return the field value, `sha-256=:…:`, over the bytes as they are sent."""
    encoded = b2a_base64(DIGESTS[algorithm](body), newline=False).decode("ascii")
    return f"{algorithm}=:{encoded}:"


def check_content_digest(field: str, body: bytes, *, algorithm: str) -> None:
    """Recompute the digest of the received bytes and hold it against `field`.

    The member `algorithm` must be there; every other member of a known algorithm must hold too.

    Raises:
        SignatureRejected: `digest-missing`, `digest-mismatch`, `malformed`.
    """
    if field == content_digest(algorithm, body):  # both are public: time tells nobody anything
        return
    try:
        members = parse_dictionary(field)
    except FieldSyntaxError as exc:
        raise SignatureRejected(SignatureErrorCode.MALFORMED, f"content-digest: {exc}") from None
    if algorithm not in members:
        raise SignatureRejected(
            SignatureErrorCode.DIGEST_MISSING, f"content-digest has no {algorithm}"
        )
    for name, member in members.items():
        if name not in DIGESTS:
            continue
        if isinstance(member, InnerList) or not isinstance(member.value, bytes):
            raise SignatureRejected(
                SignatureErrorCode.MALFORMED, f"content-digest: {name} is not binary"
            )
        if member.value != DIGESTS[name](body):
            raise SignatureRejected(
                SignatureErrorCode.DIGEST_MISMATCH, f"content-digest: {name} differs"
            )
