"""Signing a request, and verifying one that came in (请求签名与验签).

Source: RFC 9421; covered components, tag and window: docking contract section 3.
"""

import re
import secrets
from binascii import b2a_base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from schemas.signing.bases import Headers, Target, as_base, combined, signature_base
from schemas.signing.digests import check_content_digest, content_digest
from schemas.signing.key_sets import Keys, Link
from schemas.signing.policy import (
    DEFAULT_WINDOW,
    MAX_AGE_S,
    Window,
    check_signature,
    check_times,
    require_signer,
    seconds,
    signed_at,
)
from schemas.signing.received_signature import (
    LABEL,
    REQUEST,
    REQUEST_WITH_BODY,
    ReceivedSignature,
    read_signature,
)
from schemas.signing.signature_errors import SignatureErrorCode, SignatureRejected
from schemas.signing.tags import TAG

# At least 16 random bytes: 22 characters of base64url, 32 of hexadecimal.
_NONCE: Final = re.compile(r"[A-Za-z0-9_-]{22,128}", re.ASCII)
_NONCE_BYTES: Final = 16
_BODILESS: Final = frozenset({"GET", "HEAD"})
_LIST: Final = f"({' '.join(REQUEST)})"
_LIST_WITH_BODY: Final = f"({' '.join(REQUEST_WITH_BODY)})"


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """The headers to send along, and what the answer will be bound to."""

    headers: dict[str, str]
    signature: str  # the Signature field value
    nonce: str


@dataclass(frozen=True, slots=True)
class VerifiedRequest:
    """What is proven about a request; its nonce still has to be new (kept by the database)."""

    key_id: str
    nonce: str
    created: datetime  # UTC, as `expires`
    expires: datetime
    signature: str  # the whole Signature field value: bind the answer to it
    tag: str = TAG  # `Tags.answering` makes that of the answer from it


@dataclass(frozen=True, slots=True)
class VerifiedHeaders:
    """What is proven before a byte of the body was read: which key signed these headers.

    `digest` is the Content-Digest that the body still has to have, in the key's `algorithm`.
    """

    request: VerifiedRequest
    digest: str | None
    algorithm: str

    def with_body(self, body: bytes) -> VerifiedRequest:
        """Return what is proven of the request with its body, the bytes as received.

        Raises:
            SignatureRejected: The body is not the one that was signed.
        """
        _check_digest_fits(self.digest, has_body=bool(body))
        if self.digest is not None:
            check_content_digest(self.digest, body, algorithm=self.algorithm)
        return self.request


def sign_request(  # noqa: PLR0913 - a request consists of these, each by name
    keys: Keys,
    target: Target,
    *,
    body: bytes | None,
    content_type: str | None,
    now: datetime,
    nonce: str | None = None,
    lifetime_s: int = 300,
    tag: str = TAG,
) -> SignedRequest:
    """Return the headers that make a request ours: Content-Digest, Signature-Input, Signature.

    Args:
        keys: Our key of the connection, or several: the newest that is valid signs.
        target: What is asked for, as it will be sent.
        body: The bytes as sent; an empty body is none.
        content_type: What the client will send, to the letter.
        now: The current instant, with its zone.
        nonce: A fresh one by default.
        lifetime_s: How long the signature holds.
        tag: The contract's, or the one that also says the direction.

    Raises:
        KeyRejected: The key only verifies, or none is valid.
        ValueError: A body without content type or on GET or HEAD, an unfit nonce, a lifetime
            outside 1-900 s.
        SignatureRejected: `malformed`: a value cannot stand in one line of ASCII.
    """
    created = int(seconds(now))
    key = keys.signing(signed_at(created))
    require_signer(key)
    nonce = secrets.token_urlsafe(_NONCE_BYTES) if nonce is None else nonce
    if _NONCE.fullmatch(nonce) is None or not 1 <= lifetime_s <= MAX_AGE_S:
        raise ValueError(f"nonce needs 22-128 characters, lifetime 1-{MAX_AGE_S} s")
    if body and (content_type is None or target.method in _BODILESS):
        raise ValueError("a body needs a content type and a method that carries one")
    params = (
        f"{_LIST_WITH_BODY if body else _LIST};created={created};expires={created + lifetime_s}"
        f';nonce="{nonce}";keyid="{key.key_id}";alg="{key.suite}";tag="{tag}"'
    )
    digest = content_digest(key.digest, body) if body else None
    signature = key.engine.sign(_base(target, params, content_type, digest))
    value = f"{LABEL}=:{b2a_base64(signature, newline=False).decode('ascii')}:"
    headers = {"Signature-Input": f"{LABEL}={params}", "Signature": value}
    if digest is not None:
        headers["Content-Digest"] = digest
    return SignedRequest(headers, value, nonce)


def _base(target: Target, params: str, content_type: str | None, digest: str | None) -> bytes:
    """Return the base over the contract's own list: with a digest there is a body."""
    start = (
        f'"@method": {target.method}\n"@authority": {target.authority}\n'
        f'"@path": {target.path}\n"@query": ?{target.query}\n'
    )
    end = f'"@signature-params": {params}'
    if digest is None:
        return as_base(start + end, len(REQUEST))
    return as_base(
        f'{start}"content-type": {content_type}\n"content-digest": {digest}\n{end}',
        len(REQUEST_WITH_BODY),
    )


def verify_request(
    links: Mapping[str, Link],
    target: Target,
    headers: Headers,
    body: bytes,
    *,
    now: datetime,
    window: Window = DEFAULT_WINDOW,
) -> VerifiedRequest:
    """Return what the request's one signature with our tag proves.

    `body` is the bytes as received, before any decoding or parsing; see `verify_headers`.
    """
    verified = verify_headers(links, target, headers, has_body=bool(body), now=now, window=window)
    return verified.with_body(body)


def verify_headers(
    links: Mapping[str, Link],
    target: Target,
    headers: Headers,
    *,
    has_body: bool,
    now: datetime,
    window: Window = DEFAULT_WINDOW,
) -> VerifiedHeaders:
    """Return what the headers prove by themselves: the signature covers the body by its digest.

    Args:
        links: The connections, by the key id of the other party.
        target: As received, see `Target.received`.
        headers: As received.
        has_body: A body is announced, or there is one.
        now: The current instant, with its zone.
        window: How far the signature's times may lie from `now`.

    Raises:
        SignatureRejected: Nothing in the message may be used. Uniqueness of the nonce is not
            judged here.
    """
    received = read_signature(headers)
    nonce, expires = _required_parameters(received)
    link = links.get(received.key_id)
    if link is None:
        raise SignatureRejected(SignatureErrorCode.UNKNOWN_KEY, "no such key")
    link.tags.check(received.tag)
    check_times(received, now, window)
    key = link.theirs.verifying(received.key_id, signed_at(received.created))
    digest = _received_digest(target, headers, has_body=has_body)
    base = _received_base(received, target, headers, digest)
    check_signature(received, key, base)
    request = VerifiedRequest(
        received.key_id,
        nonce,
        signed_at(received.created),
        signed_at(expires),
        received.field,
        received.tag,
    )
    return VerifiedHeaders(request, digest, key.digest)


def _required_parameters(received: ReceivedSignature) -> tuple[str, int]:
    if received.nonce is None or received.expires is None:
        raise SignatureRejected(
            SignatureErrorCode.PARAMETER_MISSING, "expires and nonce are needed"
        )
    if _NONCE.fullmatch(received.nonce) is None:
        raise SignatureRejected(
            SignatureErrorCode.NONCE_UNFIT, "nonce is not 22-128 characters of base64url"
        )
    return received.nonce, received.expires


def _received_digest(target: Target, headers: Headers, *, has_body: bool) -> str | None:
    """Return the Content-Digest, which is there exactly when there is a body."""
    digest = combined(headers, "Content-Digest")
    if has_body and target.method in _BODILESS:
        raise SignatureRejected(SignatureErrorCode.BODY_UNEXPECTED, f"{target.method} with a body")
    _check_digest_fits(digest, has_body=has_body)
    return digest


def _check_digest_fits(digest: str | None, *, has_body: bool) -> None:
    if has_body and digest is None:
        raise SignatureRejected(SignatureErrorCode.DIGEST_MISSING, "a body without Content-Digest")
    if digest is not None and not has_body:
        raise SignatureRejected(SignatureErrorCode.BODY_UNEXPECTED, "Content-Digest without a body")


def _received_base(
    received: ReceivedSignature, target: Target, headers: Headers, digest: str | None
) -> bytes:
    required = REQUEST if digest is None else REQUEST_WITH_BODY
    if received.covered == required:
        content_type = None if digest is None else combined(headers, "Content-Type")
        if digest is None or content_type is not None:
            return _base(target, received.params, content_type, digest)
    missing = [name for name in required if name not in received.covered]
    if missing:
        raise SignatureRejected(
            SignatureErrorCode.COMPONENT_MISSING, f"not covered: {', '.join(missing)}"
        )
    derived = {
        '"@method"': target.method,
        '"@authority"': target.authority,
        '"@path"': target.path,
        '"@query"': f"?{target.query}",
    }
    return signature_base(received.covered, received.params, derived, headers)
