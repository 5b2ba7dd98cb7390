"""Signed messages for the tests of `schemas.signing`: valid ones, and ones made to measure."""

from base64 import b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from multidict import CIMultiDict

from schemas.signing import (
    Key,
    Link,
    SignatureRejected,
    Suite,
    Target,
    VerifiedRequest,
    Window,
    sign_request,
    verify_request,
)
from schemas.signing.bases import signature_base
from schemas.signing.fields import InnerList, parse_dictionary

NOW: Final = datetime(2026, 11, 23, 1, 30, 0, tzinfo=UTC)
CREATED: Final = int(NOW.timestamp())
NONCE: Final = "AAECAwQFBgcICQoLDA0ODw"
BODY: Final = '{"items":[{"aac003":"𠮷田·测试","revision":1}]}'.encode()
JSON: Final = "application/json"
URL: Final = "https://entry.example.cn/national/v1/outcomes?limit=100&area=419001"
COVERED: Final = '"@method" "@authority" "@path" "@query" "content-type" "content-digest"'


def params(**changes: str | None) -> str:
    """Return the parameters as we write them, some in other words; `None` leaves one out."""
    defaults: dict[str, str | None] = {
        "created": str(CREATED),
        "expires": str(CREATED + 300),
        "nonce": f'"{NONCE}"',
        "keyid": '"province-410000"',
        "alg": '"hmac-sha256"',
        "tag": '"duijie-v1"',
    }
    chosen = (defaults | changes).items()
    return "".join(f";{name}={value}" for name, value in chosen if value is not None)


PARAMS: Final = params()


def a_key(suite: Suite = Suite.HMAC_SHA256, key_id: str = "province-410000", fill: int = 7) -> Key:
    material = bytes((fill + step * 11) % 256 for step in range(32))
    if suite in {Suite.HMAC_SHA256, Suite.HMAC_SM3}:
        return Key.secret(key_id, suite, material)
    return Key.private(key_id, suite, material)


def a_link(suite: Suite = Suite.HMAC_SHA256) -> Link:
    return Link(ours=a_key(suite), theirs=a_key(suite).public_half())


@dataclass
class Message:
    """A request on its way; a test changes what it is about."""

    target: Target
    headers: CIMultiDict[str]
    body: bytes
    links: dict[str, Link] = field(default_factory=dict)

    def verify(self, now: datetime = NOW, window: Window | None = None) -> VerifiedRequest:
        """Verify as its receiver would."""
        return verify_request(
            self.links, self.target, self.headers, self.body, now=now, window=window or Window()
        )

    def rejection(self, now: datetime = NOW, window: Window | None = None) -> str:
        """Return the code of the rejection, or "accepted"."""
        try:
            self.verify(now, window)
        except SignatureRejected as refused:
            return refused.code.value
        return "accepted"


def a_message(
    suite: Suite = Suite.HMAC_SHA256,
    *,
    body: bytes | None = BODY,
    method: str = "POST",
    now: datetime = NOW,
) -> Message:
    """Return a request signed by the project's own signer."""
    target = Target.from_url(method, URL)
    signed = sign_request(a_key(suite), target, body=body, content_type=JSON, now=now, nonce=NONCE)
    headers = CIMultiDict(signed.headers)
    if body:
        headers["Content-Type"] = JSON
    return Message(target, headers, body or b"", {"province-410000": a_link(suite)})


def made_to_measure(
    covered: str = COVERED,
    params: str = PARAMS,
    *,
    label: str = "duijie",
    extra: dict[str, str] | None = None,
) -> Message:
    """Return a message truly signed over whatever `covered` and `params` say."""
    message = a_message()
    message.headers.extend(extra or {})
    sign_over(message, f"{label}=({covered}){params}", a_key())
    return message


def sign_over(message: Message, signature_input: str, key: Key) -> None:
    """Put fields into `message` whose signature computes, however unfit the rest may be."""
    ((label, described),) = parse_dictionary(signature_input).items()
    assert isinstance(described, InnerList)
    derived = {
        '"@method"': message.target.method,
        '"@authority"': message.target.authority,
        '"@path"': message.target.path,
        '"@query"': f"?{message.target.query}",
        '"@target-uri"': URL,
        '"content-type";sf': JSON,
        '"x-absent"': "once there",
    }
    names = [item.text for item in described.items]
    lines = "".join(
        signature_base([name], "", derived, message.headers).decode().splitlines(keepends=True)[0]
        for name in names
    )
    base = f'{lines}"@signature-params": {described.text}'.encode()
    message.headers["Signature-Input"] = signature_input
    message.headers["Signature"] = f"{label}=:{b64encode(key.engine.sign(base)).decode()}:"
