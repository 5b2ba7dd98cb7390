"""Signing an answer, and verifying one: bound to its request, so answers cannot be swapped.

Source: RFC 9421 section 2.4; docking contract section 3.
"""

from binascii import b2a_base64
from datetime import datetime
from typing import Final

from schemas.signing.bases import Headers, combined, signature_base
from schemas.signing.claims import ANSWER, LABEL, read_claim
from schemas.signing.digests import check_content_digest, content_digest
from schemas.signing.key_sets import Keys
from schemas.signing.policy import (
    DEFAULT_WINDOW,
    Window,
    check_signature,
    check_times,
    require_signer,
    seconds,
    signed_at,
)
from schemas.signing.signature_errors import SignatureErrorCode, SignatureRejected
from schemas.signing.tags import PLAIN_TAGS, TAG, Tags

_LIST: Final = f"({' '.join(ANSWER)})"


class _OnlyDigest:
    """The one header that a fresh answer covers."""

    def __init__(self, digest: str) -> None:
        self._digest = digest

    def getall(self, key: str, default: list[str], /) -> list[str]:
        return [self._digest] if key == "content-digest" else default


def sign_answer(
    keys: Keys,
    *,
    status: int,
    body: bytes,
    request_signature: str,
    now: datetime,
    tag: str = TAG,
) -> dict[str, str]:
    """Return the headers of a signed answer: Content-Digest (of an empty body, too) and two more.

    Args:
        keys: Our key of the connection, or several: the newest that is valid signs.
        status: 100-599.
        body: The bytes as sent.
        request_signature: The request's whole Signature field value, as received.
        now: The current instant, with its zone.
        tag: The contract's, or the one that also says the direction, see `Tags.answering`.

    Raises:
        KeyRejected: The key only verifies, or none is valid.
    """
    created = int(seconds(now))
    key = keys.signing(signed_at(created))
    require_signer(key)
    digest = content_digest(key.digest, body)
    params = f'{_LIST};created={created};keyid="{key.key_id}";alg="{key.suite}";tag="{tag}"'
    derived = _derived(status, request_signature)
    signature = key.engine.sign(signature_base(ANSWER, params, derived, _OnlyDigest(digest)))
    return {
        "Content-Digest": digest,
        "Signature-Input": f"{LABEL}={params}",
        "Signature": f"{LABEL}=:{b2a_base64(signature, newline=False).decode('ascii')}:",
    }


def verify_answer(  # noqa: PLR0913 - an answer is judged by all of them, each by name
    keys: Keys,
    *,
    status: int,
    headers: Headers,
    body: bytes,
    request_signature: str,
    now: datetime,
    window: Window = DEFAULT_WINDOW,
    tags: Tags = PLAIN_TAGS,
) -> None:
    """Make sure that the other party signed this answer to that request.

    Args:
        keys: Their key of the connection, or several while they are rotated.
        status: As received.
        headers: As received.
        body: The bytes as received, before any decoding or parsing.
        request_signature: `SignedRequest.signature` of the request we sent.
        now: The current instant, with its zone.
        window: How far the signature's times may lie from `now`.
        tags: Those of the connection.

    Raises:
        SignatureRejected: The answer proves nothing: whether the request took effect is unknown.
    """
    claim = read_claim(headers)
    tags.check(claim.tag)
    check_times(claim, now, window)
    key = keys.verifying(claim.key_id, signed_at(claim.created))
    digest = combined(headers, "Content-Digest")
    if digest is None:
        raise SignatureRejected(
            SignatureErrorCode.DIGEST_MISSING, "an answer without Content-Digest"
        )
    missing = [name for name in ANSWER if name not in claim.covered]
    if missing:
        raise SignatureRejected(
            SignatureErrorCode.COMPONENT_MISSING, f"not covered: {', '.join(missing)}"
        )
    derived = _derived(status, request_signature)
    check_signature(claim, key, signature_base(claim.covered, claim.params, derived, headers))
    check_content_digest(digest, body, algorithm=key.digest)


def _derived(status: int, request_signature: str) -> dict[str, str]:
    return {'"@status"': str(status), '"signature";req': request_signature}
