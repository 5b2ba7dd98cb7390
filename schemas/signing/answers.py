"""Signing an answer, and verifying one: bound to its request, so answers cannot be swapped.

Source: RFC 9421 section 2.4; docking contract section 3.
"""

from binascii import b2a_base64
from datetime import datetime
from typing import Final

from schemas.signing.bases import Headers, as_base, combined, signature_base
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
from schemas.signing.received_signature import ANSWER, LABEL, read_signature
from schemas.signing.signature_errors import SignatureErrorCode, SignatureRejected
from schemas.signing.tags import PLAIN_TAGS, TAG, Tags

_BINDING: Final = ANSWER[-1]


def sign_answer(  # noqa: PLR0913 - an answer is these facts, and no caller has them together
    keys: Keys,
    *,
    status: int,
    body: bytes,
    request_signature: str,
    now: datetime,
    retry_after: str | None = None,
    tag: str = TAG,
) -> dict[str, str]:
    """Return the headers of a signed answer: Content-Digest (of an empty body, too) and two more.

    Args:
        keys: Our key of the connection, or several: the newest that is valid signs.
        status: 100-599.
        body: The bytes as sent.
        request_signature: The request's whole Signature field value, as received.
        now: The current instant, with its zone.
        retry_after: Value of the Retry-After header, where the answer bears one: only a wait that
            is covered is the peer's own.
        tag: The contract's, or the one that also says the direction, see `Tags.answering`.

    Raises:
        KeyRejected: The key only verifies, or none is valid.
    """
    created = int(seconds(now))
    key = keys.signing(signed_at(created))
    require_signer(key)
    digest = content_digest(key.digest, body)
    covered = ANSWER if retry_after is None else (*ANSWER, '"retry-after"')
    params = (
        f'({" ".join(covered)});created={created};keyid="{key.key_id}"'
        f';alg="{key.suite}";tag="{tag}"'
    )
    wait = "" if retry_after is None else f'"retry-after": {retry_after}\n'
    base = (
        f'"@status": {status}\n"content-digest": {digest}\n{_BINDING}: {request_signature}\n'
        f'{wait}"@signature-params": {params}'
    )
    signature = key.engine.sign(as_base(base, len(covered)))
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
) -> tuple[str, ...]:
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

    Returns:
        What the signature covers, such as `"@status"` or `"retry-after"`, quotes included: a
        header that is not there may be anybody's.

    Raises:
        SignatureRejected: The answer proves nothing: whether the request took effect is unknown.
    """
    received = read_signature(headers)
    tags.check(received.tag)
    check_times(received, now, window)
    key = keys.verifying(received.key_id, signed_at(received.created))
    digest = combined(headers, "Content-Digest")
    if digest is None:
        raise SignatureRejected(
            SignatureErrorCode.DIGEST_MISSING, "an answer without Content-Digest"
        )
    missing = [name for name in ANSWER if name not in received.covered]
    derived = _derived(status, request_signature)
    if missing:
        if missing == [_BINDING] and key.engine.verify(
            signature_base(received.covered, received.params, derived, headers), received.signature
        ):
            raise SignatureRejected(SignatureErrorCode.NOT_BOUND, "signed, but for no request")
        raise SignatureRejected(
            SignatureErrorCode.COMPONENT_MISSING, f"not covered: {', '.join(missing)}"
        )
    check_signature(
        received, key, signature_base(received.covered, received.params, derived, headers)
    )
    check_content_digest(digest, body, algorithm=key.digest)
    return received.covered


def _derived(status: int, request_signature: str) -> dict[str, str]:
    return {'"@status"': str(status), _BINDING: request_signature}
