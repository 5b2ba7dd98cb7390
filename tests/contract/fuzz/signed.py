"""Signs each prepared request over its final bytes, and judges the signature of the answer."""

import requests
import schemathesis
from multidict import CIMultiDict
from requests.auth import AuthBase

from schemas.reference.clock import utc_now
from schemas.signing import Key, Target, sign_request, verify_answer

SIGNATURE = "Signature"


class SignedBy(AuthBase):
    """Signs as the last thing before a request leaves, with a fresh nonce."""

    def __init__(self, key: Key) -> None:
        self._key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Return the request with the headers of its signature, whatever was generated for them."""
        body = request.body.encode() if isinstance(request.body, str) else request.body
        content_type = request.headers.get("Content-Type")
        assert body is None or isinstance(body, bytes)
        assert content_type is None or isinstance(content_type, str)
        signed = sign_request(
            self._key,
            Target.from_url(str(request.method), str(request.url)),
            body=body or None,
            content_type=content_type if body else None,
            now=utc_now(),
        )
        request.headers.pop("Content-Digest", None)
        request.headers.update(signed.headers)
        return request


def check_signature(answer: schemathesis.Response, key: Key) -> None:
    """Make sure that the answer is signed with `key` and bound to its request.

    Raises:
        SignatureRefused: It proves nothing.
    """
    assert SIGNATURE.lower() in answer.headers, (
        f"unsigned: {answer.request.method} {answer.request.url} {answer.status_code} {answer.text}"
    )
    verify_answer(
        key,
        status=answer.status_code,
        headers=CIMultiDict(
            (name, value) for name, values in answer.headers.items() for value in values
        ),
        body=answer.content,
        request_signature=str(answer.request.headers[SIGNATURE]),
        now=utc_now(),
    )
