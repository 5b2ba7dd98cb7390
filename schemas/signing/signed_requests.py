"""Signing a request (请求签名).

Source: RFC 9421; covered components, tag and window: docking contract section 3.
"""

import secrets
from binascii import b2a_base64
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from schemas.signing.bases import Target
from schemas.signing.digests import content_digest
from schemas.signing.key_sets import Keys
from schemas.signing.policy import MAX_AGE_S, require_signer, seconds, signed_at
from schemas.signing.received_signature import LABEL, REQUEST, REQUEST_WITH_BODY
from schemas.signing.request_bases import BODILESS, NONCE, request_base
from schemas.signing.tags import TAG

_NONCE_BYTES: Final = 16
_LIST: Final = f"({' '.join(REQUEST)})"
_LIST_WITH_BODY: Final = f"({' '.join(REQUEST_WITH_BODY)})"


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """The headers to send along, and what the answer will be bound to."""

    headers: dict[str, str]
    signature: str  # the Signature field value
    nonce: str


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
    if NONCE.fullmatch(nonce) is None or not 1 <= lifetime_s <= MAX_AGE_S:
        raise ValueError(f"nonce needs 22-128 characters, lifetime 1-{MAX_AGE_S} s")
    if body and (content_type is None or target.method in BODILESS):
        raise ValueError("a body needs a content type and a method that carries one")
    params = (
        f"{_LIST_WITH_BODY if body else _LIST};created={created};expires={created + lifetime_s}"
        f';nonce="{nonce}";keyid="{key.key_id}";alg="{key.suite}";tag="{tag}"'
    )
    digest = content_digest(key.digest, body) if body else None
    signature = key.engine.sign(request_base(target, params, content_type, digest))
    value = f"{LABEL}=:{b2a_base64(signature, newline=False).decode('ascii')}:"
    headers = {"Signature-Input": f"{LABEL}={params}", "Signature": value}
    if digest is not None:
        headers["Content-Digest"] = digest
    return SignedRequest(headers, value, nonce)
