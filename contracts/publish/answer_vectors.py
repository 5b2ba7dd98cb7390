"""响应向量 (answer vectors): known answers for whoever verifies what the other side answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Final

from pydantic import Field

from schemas.records.base import Instant, WireModel
from schemas.signing import Key, sign_answer

_STATUS: Final = 200
_OTHER_REQUEST: Final = "duijie=:b3RoZXI=:"


class AnswerVector(WireModel):
    """One answer as received, the request it came for, and the verdict to come to."""

    name: str
    why_zh: str
    request_signature: str  # the Signature field of the request, whole
    status: int
    headers: dict[str, str]
    body: str
    received_at: Instant
    signature_base: str | None = None  # of what was signed; absent where something was altered
    verdict: Annotated[str, Field(pattern=r"^[a-z.-]+$")]


@dataclass(frozen=True, slots=True)
class _Alteration:
    """What happened to a good answer on its way, and what a verifier must say of it."""

    name: str
    why_zh: str
    verdict: str
    drop: str = ""
    suffix: str = ""
    status: int = _STATUS
    other_request: bool = False
    later_s: int = 0


_ALTERATIONS: Final = (
    _Alteration("answer-accepted", "正确的响应", "accepted"),
    _Alteration("answer-body", "响应正文被改动", "signature.digest-mismatch", suffix=" "),
    _Alteration("answer-status", "响应状态被改动", "signature.mismatch", status=202),
    _Alteration("answer-swapped", "换成另一请求的响应", "signature.mismatch", other_request=True),
    _Alteration("answer-unsigned", "响应没有签名", "signature.missing", drop="Signature-Input"),
    _Alteration("answer-old", "响应早已过期", "signature.expired", later_s=301),
    _Alteration(
        *("answer-no-digest", "响应没有摘要", "signature.digest-missing"), drop="Content-Digest"
    ),
)


def answers_of(
    key: Key, *, request_signature: str, body: str, now: datetime
) -> tuple[AnswerVector, ...]:
    """Return the answers to one request, signed now."""
    signed = sign_answer(
        key, status=_STATUS, body=body.encode(), request_signature=request_signature, now=now
    )
    return tuple(
        AnswerVector(
            name=one.name,
            why_zh=one.why_zh,
            request_signature=_OTHER_REQUEST if one.other_request else request_signature,
            status=one.status,
            headers={name: text for name, text in signed.items() if name != one.drop},
            body=body + one.suffix,
            received_at=now + timedelta(seconds=one.later_s),
            signature_base=(
                answer_base(_STATUS, signed, request_signature)
                if one.verdict == "accepted"
                else None
            ),
            verdict=one.verdict,
        )
        for one in _ALTERATIONS
    )


def answer_base(status: int, headers: Mapping[str, str], request_signature: str) -> str:
    """Return the signature base of an answer, written out line by line."""
    params = headers["Signature-Input"].removeprefix("duijie=")
    lines = (
        f'"@status": {status}',
        f'"content-digest": {headers["Content-Digest"]}',
        f'"signature";req: {request_signature}',
        f'"@signature-params": {params}',
    )
    return "\n".join(lines)
