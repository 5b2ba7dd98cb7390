"""签名向量 (vectors): known answers that let a team check its own signer and verifier.

`python -m contracts.publish.signature_vectors` writes them. Two suites sign with a random number,
so the files are kept: every verifier must come to the verdict given, and a signer of the other
suites to the bytes.
"""

import json
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field

from contracts.publish.answer_vectors import AnswerVector, answers_of
from contracts.publish.record_schemas import written
from contracts.publish.signature_alterations import ACCEPTED, ALTERATIONS, Alteration
from contracts.publish.valid_records import VALID_RECORDS
from schemas.records.base import Instant, WireModel
from schemas.signing import Key, Suite, Target, sign_request

SHIPPED: Final = Path(__file__).parent.parent / "v1" / "vectors" / "signature"
KEY_ID: Final = "vector-key"
NOW: Final = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
NONCE: Final = "AAECAwQFBgcICQoLDA0ODw"
JSON_TYPE: Final = "application/json"
SHARED: Final = frozenset({Suite.HMAC_SHA256, Suite.HMAC_SM3})
_PONG: Final = {**VALID_RECORDS["pong"], "contract": "1.0.0"}  # as it was signed first
_ANSWER: Final = json.dumps(_PONG, ensure_ascii=False, separators=(",", ":"))


class Vector(WireModel):
    """One request as received, the instant of receipt, and the verdict a verifier must come to."""

    name: str
    why_zh: str
    method: str
    url: str
    headers: dict[str, str]
    body: str
    received_at: Instant
    after: str | None = None  # the vector that was received before it
    signature_base: str | None = None  # of what was signed; absent where something was altered
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
    vectors = tuple(_vector(key, one) for one in ALTERATIONS if suite in one.suites)
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


def _vector(key: Key, one: Alteration) -> Vector:
    method, url, body = one.signed
    target = Target.from_url(method, url)
    content_type = JSON_TYPE if body else None
    signed = sign_request(
        key, target, body=body, content_type=content_type, now=NOW, nonce=NONCE, lifetime_s=300
    )
    typed = {"Content-Type": JSON_TYPE} if body else {}
    headers = {**typed, **signed.headers, **one.changes}
    for old, new in one.edits:
        headers["Signature-Input"] = headers["Signature-Input"].replace(old, new, 1)
    headers.pop(one.drop, None)
    if one.signer is not None:
        made = one.signer(key, base_of(target, signed.headers))
        headers["Signature"] = f"duijie=:{b64encode(made).decode()}:"
    return Vector(
        name=one.name,
        why_zh=one.why_zh,
        method=one.method or method,
        url=one.url or url,
        headers=headers,
        body=(body if one.body is None else one.body).decode(),
        received_at=NOW + timedelta(seconds=one.later_s),
        after=one.after,
        signature_base=base_of(target, signed.headers) if one.verdict == ACCEPTED else None,
        verdict=one.verdict,
    )


def base_of(target: Target, headers: Mapping[str, str]) -> str:
    """Return the signature base of a signed request, written out line by line."""
    params = headers["Signature-Input"].removeprefix("duijie=")
    digest = headers.get("Content-Digest")
    of_the_body = (f'"content-type": {JSON_TYPE}', f'"content-digest": {digest}')
    lines = (
        f'"@method": {target.method}',
        f'"@authority": {target.authority}',
        f'"@path": {target.path}',
        f'"@query": ?{target.query}',
        *(of_the_body if digest else ()),
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
