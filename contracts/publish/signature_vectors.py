"""签名向量 (vectors): known answers that let a team check its own signer and verifier.

`python -m contracts.publish.signature_vectors` writes them. Two suites sign with a random number,
so the files are kept: every verifier must come to the verdict given, and a signer of the other
suites to the bytes.
"""

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field

from contracts.publish.answer_vectors import AnswerVector, answers_of
from contracts.publish.record_schemas import written
from contracts.publish.valid_records import VALID_RECORDS
from schemas.records.base import Instant, WireModel
from schemas.signing import Key, Suite, Target, sign_request

SHIPPED: Final = Path(__file__).parent.parent / "v1" / "vectors" / "signature"
KEY_ID: Final = "vector-key"
NOW: Final = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
NONCE: Final = "AAECAwQFBgcICQoLDA0ODw"
URL: Final = "https://entry.example.cn/national/v1/ping?lang=zh"
JSON_TYPE: Final = "application/json"
SHARED: Final = frozenset({Suite.HMAC_SHA256, Suite.HMAC_SM3})
_BODY: Final = b'{"echo":"%s"}' % str(VALID_RECORDS["ping"]["echo"]).encode()
_ANSWER: Final = json.dumps(VALID_RECORDS["pong"], ensure_ascii=False, separators=(",", ":"))


class Vector(WireModel):
    """One request as received, the instant of receipt, and the verdict a verifier must come to."""

    name: str
    why_zh: str
    method: str
    url: str
    headers: dict[str, str]
    body: str
    received_at: Instant
    signature_base: str | None = None  # of what was signed; absent where headers were altered
    verdict: Annotated[str, Field(pattern=r"^[a-z.-]+$")]


class VectorFile(WireModel):
    """The vectors of one suite; the key is shared, or a pair with its public half."""

    suite: str
    key_id: str
    secret: str | None = None  # base64
    private: str | None = None
    public: str | None = None
    vectors: tuple[Vector, ...]
    answers: tuple[AnswerVector, ...]  # to the first request above


@dataclass(frozen=True, slots=True)
class _Alteration:
    """What happened to a good request on its way, and what a verifier must say of it."""

    name: str
    why_zh: str
    verdict: str
    changes: Mapping[str, str] = field(default_factory=dict)
    drop: str = ""
    url: str = URL
    method: str = "POST"
    body: bytes = _BODY
    later_s: int = 0


_ALTERATIONS: Final = (
    _Alteration("accepted", "正确", "accepted"),
    _Alteration("last-second", "有效期最后一秒", "accepted", later_s=300),
    _Alteration("body", "正文被改", "signature.digest-mismatch", body=_BODY + b" "),
    _Alteration("path", "路径被改", "signature.mismatch", url=URL.replace("ping", "outcomes")),
    _Alteration("query", "查询被改", "signature.mismatch", url=URL.replace("zh", "en")),
    _Alteration("method", "方法被改", "signature.mismatch", method="PUT"),
    _Alteration("host", "主机被改", "signature.mismatch", url=URL.replace("entry", "other")),
    _Alteration(*("type", "内容类型被改", "signature.mismatch"), {"Content-Type": "text/plain"}),
    _Alteration("expired", "已过有效期", "signature.expired", later_s=301),
    _Alteration("future", "签名时间超前", "signature.not-yet-valid", later_s=-61),
    _Alteration("unsigned", "没有签名", "signature.missing", drop="Signature-Input"),
    _Alteration("no-digest", "没有摘要", "signature.digest-missing", drop="Content-Digest"),
    _Alteration(
        *("weak-digest", "摘要算法过弱", "signature.mismatch"),
        {"Content-Digest": "md5=:1B2M2Y8AsgTpgAmY7PhCfg==:"},
    ),
    _Alteration(
        *("other-signature", "换了签名", "signature.mismatch"),
        {"Signature": f"duijie=:{b64encode(bytes(64)).decode()}:"},
    ),
)


def vector_key(suite: Suite) -> Key:
    """Return the key of the vectors: 32 bytes that anybody may know, good for nothing else."""
    material = bytes(range(1, 33))
    if suite in SHARED:
        return Key.secret(KEY_ID, suite, material)
    return Key.private(KEY_ID, suite, material)


def vectors_of(suite: Suite) -> VectorFile:
    """Return the vectors of a suite, signed now."""
    key = vector_key(suite)
    material = b64encode(key.material).decode()
    vectors = tuple(_vector(key, alteration) for alteration in _ALTERATIONS)
    file = VectorFile(
        suite=suite.value,
        key_id=KEY_ID,
        vectors=vectors,
        answers=answers_of(
            key, request_signature=vectors[0].headers["Signature"], body=_ANSWER, now=NOW
        ),
    )
    if suite in SHARED:
        return file.model_copy(update={"secret": material})
    public = b64encode(key.public_half().material).decode()
    return file.model_copy(update={"private": material, "public": public})


def _vector(key: Key, alteration: _Alteration) -> Vector:
    target = Target.from_url("POST", URL)
    signed = sign_request(
        key, target, body=_BODY, content_type=JSON_TYPE, now=NOW, nonce=NONCE, lifetime_s=300
    )
    headers = {"Content-Type": JSON_TYPE, **signed.headers, **alteration.changes}
    headers.pop(alteration.drop, None)
    base = base_of(target, signed.headers) if alteration.name == "accepted" else None
    return Vector(
        name=alteration.name,
        why_zh=alteration.why_zh,
        method=alteration.method,
        url=alteration.url,
        headers=headers,
        body=alteration.body.decode(),
        received_at=NOW + timedelta(seconds=alteration.later_s),
        signature_base=base,
        verdict=alteration.verdict,
    )


def base_of(target: Target, headers: Mapping[str, str]) -> str:
    """Return the signature base of a signed request with a body, written out line by line."""
    params = headers["Signature-Input"].removeprefix("duijie=")
    lines = (
        f'"@method": {target.method}',
        f'"@authority": {target.authority}',
        f'"@path": {target.path}',
        f'"@query": ?{target.query}',
        f'"content-type": {JSON_TYPE}',
        f'"content-digest": {headers["Content-Digest"]}',
        f'"@signature-params": {params}',
    )
    return "\n".join(lines)


def main(folder: Path = SHIPPED) -> None:
    """Write the vectors of every suite."""
    folder.mkdir(parents=True, exist_ok=True)
    for suite in Suite:
        content = vectors_of(suite).model_dump(mode="json", by_alias=True, exclude_none=True)
        (folder / f"{suite}.json").write_bytes(written(content))


if __name__ == "__main__":
    main()
