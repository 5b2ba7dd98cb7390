"""Verifying a request that came in (请求验签).

Source: RFC 9421; covered components, tag and window: docking contract section 3.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from schemas.signing.bases import Headers, Target, combined, signature_base
from schemas.signing.digests import check_content_digest
from schemas.signing.key_sets import Link
from schemas.signing.keys import Key
from schemas.signing.policy import (
    DEFAULT_WINDOW,
    Window,
    check_signature,
    check_times,
    signed_at,
)
from schemas.signing.received_signature import (
    REQUEST,
    REQUEST_WITH_BODY,
    ReceivedSignature,
    read_signature,
)
from schemas.signing.request_bases import BODILESS, NONCE, request_base
from schemas.signing.signature_errors import SignatureErrorCode, SignatureRejected
from schemas.signing.tags import TAG

_QUERY: Final = b'"@query": ?'
_BARE_QUERY: Final = _QUERY[:-1]


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
    _check_signature(received, key, base)
    request = VerifiedRequest(
        received.key_id,
        nonce,
        signed_at(received.created),
        signed_at(expires),
        received.field,
        received.tag,
    )
    return VerifiedHeaders(request, digest, key.digest)


def _check_signature(received: ReceivedSignature, key: Key, base: bytes) -> None:
    """Verify; where the base was written with a bare `@query`, say so in place of «mismatch».

    That costs one more verification, of a request that names a registered key and a fitting time,
    so whoever has no key makes us compute twice as much as before and not more. Nothing is taken
    for it: whoever made such a signature holds the key, and the request is refused all the same.
    """
    try:
        check_signature(received, key, base)
    except SignatureRejected as exc:
        if exc.code is SignatureErrorCode.MISMATCH and key.engine.verify(
            _with_bare_query(base), received.signature
        ):
            raise SignatureRejected(
                SignatureErrorCode.QUERY_MARK_MISSING, "@query is signed without its question mark"
            ) from None
        raise


def _with_bare_query(base: bytes) -> bytes:
    """Return the base as who forgets the question mark of `@query` writes it."""
    lines = base.split(b"\n")
    bare = [_BARE_QUERY + one[len(_QUERY) :] if one.startswith(_QUERY) else one for one in lines]
    return b"\n".join(bare)


def _required_parameters(received: ReceivedSignature) -> tuple[str, int]:
    if received.nonce is None or received.expires is None:
        raise SignatureRejected(
            SignatureErrorCode.PARAMETER_MISSING, "expires and nonce are needed"
        )
    if NONCE.fullmatch(received.nonce) is None:
        raise SignatureRejected(
            SignatureErrorCode.NONCE_UNFIT, "nonce is not 22-128 characters of base64url"
        )
    return received.nonce, received.expires


def _received_digest(target: Target, headers: Headers, *, has_body: bool) -> str | None:
    """Return the Content-Digest, which is there exactly when there is a body."""
    digest = combined(headers, "Content-Digest")
    if has_body and target.method in BODILESS:
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
            return request_base(target, received.params, content_type, digest)
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
