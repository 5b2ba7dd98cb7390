"""Answers to a signed client, scripted: signed as the portal would, by another, or by nobody."""

from collections.abc import Callable
from datetime import UTC, datetime

import httpx

from gateway.adapters.portal import HttpPortal
from gateway.adapters.signed_client import SignedClient
from schemas.signing import Key, Link, Suite, new_key, sign_answer

BASE = "http://127.0.0.1:8600"
NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
KEY = new_key("key-portal", Suite.HMAC_SHA256)
OTHER = new_key("key-portal", Suite.HMAC_SHA256)
PROBLEM = (
    b'{"type":"urn:duijie:problem:message.invalid","code":"message.invalid",'
    b'"title":"x","status":422}'
)

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
