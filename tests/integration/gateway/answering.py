"""Answers to a signed client, scripted: signed as the portal would, by another, or by nobody."""

from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime

import httpx
from multidict import CIMultiDict

from gateway.adapters.portal import HttpPortal
from gateway.adapters.signed_client import SignedClient
from schemas.signing import Key, Link, Suite, new_key, sign_answer
from schemas.signing.bases import signature_base
from schemas.signing.digests import content_digest

BASE = "http://127.0.0.1:8600"
NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
KEY = new_key("key-portal", Suite.HMAC_SHA256)
OTHER = new_key("key-portal", Suite.HMAC_SHA256)
PROBLEM = (
    b'{"type":"urn:duijie:problem:message.invalid","code":"message.invalid",'
    b'"title":"x","status":422}'
)
EMPTY = b'{"items":[],"more":false,"results":[]}'

Answering = Callable[[httpx.Request], httpx.Response]


def a_portal() -> HttpPortal:
    return HttpPortal(SignedClient(BASE, Link(KEY, KEY), peer="portal", now=lambda: NOW))


def answering(
    status: int,
    body: bytes,
    *,
    media: str = "application/json",
    key: Key | None = KEY,
    headers: dict[str, str] | None = None,
    retry_after: str | None = None,
) -> Answering:
    """Answer with a signature that holds, unless `key` is another or None."""

    def answer(request: httpx.Request) -> httpx.Response:
        proof: dict[str, str] = {}
        if key is not None:
            proof = sign_answer(
                key,
                status=status,
                body=body,
                request_signature=request.headers["Signature"],
                now=NOW,
                retry_after=retry_after,
            )
        wait = {} if retry_after is None else {"Retry-After": retry_after}
        return httpx.Response(
            status,
            content=body,
            headers={"Content-Type": media, **proof, **wait, **(headers or {})},
        )

    return answer


def signed_for_no_request(request: httpx.Request, key: Key = KEY) -> httpx.Response:
    """Answer with a signature that holds and covers everything but the request."""
    digest = content_digest("sha-256", EMPTY)
    covered = ('"@status"', '"content-digest"')
    params = f'({" ".join(covered)});created={int(NOW.timestamp())};keyid="{key.key_id}"'
    params += f';alg="{key.suite}";tag="duijie-v1"'
    headers = CIMultiDict({"Content-Digest": digest})
    base = signature_base(covered, params, {'"@status"': "200"}, headers)
    signature = b64encode(key.engine.sign(base)).decode()
    proof = {"Signature-Input": f"duijie={params}", "Signature": f"duijie=:{signature}:"}
    typed = {"Content-Type": "application/json", "Content-Digest": digest}
    return httpx.Response(200, content=EMPTY, headers={**typed, **proof})
