"""响应签名表: which answers are signed, by status, and what an unsigned one may be believed for."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from schemas.records.json_errors import LONGEST_BODY_BYTES


class SignedWhen(StrEnum):
    """When an answer of one status is signed."""

    ALWAYS = "always"  # nobody else gets it
    AUTHENTICATED = "if-authenticated"
    REPLAYED = "replayed-only"  # unsigned, save for `signature.replayed`


@dataclass(frozen=True, slots=True)
class SignedAnswer:
    """When answers of a status are signed, and which of them are not."""

    signed: SignedWhen
    text_zh: str
    text_en: str


_ALWAYS: Final = SignedAnswer(SignedWhen.ALWAYS, "一律签名。", "Always signed.")
_EARLY: Final = SignedAnswer(
    SignedWhen.AUTHENTICATED,
    "已认证即签名；未认证时发生的不签名。",
    "Signed for whoever is authenticated; what happened before that is not.",
)
_NOWHERE: Final = SignedAnswer(
    SignedWhen.AUTHENTICATED,
    "已认证即签名；对未认证的调用方同样返回，不签名。",
    "Signed for whoever is authenticated; nobody else's is.",
)

SIGNED_ANSWERS: Final[Mapping[int, SignedAnswer]] = MappingProxyType(
    {
        200: _ALWAYS,
        400: SignedAnswer(
            SignedWhen.AUTHENTICATED,
            "已认证即签名；不是合法的 HTTP 请求、正文未按时接收完毕的不签名。",
            "Signed for whoever is authenticated; what is no HTTP request, or whose body did not "
            "come in time, is not.",
        ),
        401: SignedAnswer(
            SignedWhen.REPLAYED,
            "不签名（未认证）；仅 signature.replayed 签名。",
            "Not signed: nobody is authenticated. Only signature.replayed is signed.",
        ),
        403: _ALWAYS,
        404: _NOWHERE,
        405: _NOWHERE,
        409: _ALWAYS,
        413: SignedAnswer(
            SignedWhen.AUTHENTICATED,
            "超过条数的签名；超过字节数的正文不读，无从认证，不签名。",
            "Signed for too many items; a body of too many bytes is not read, so nobody is "
            "authenticated.",
        ),
        415: SignedAnswer(
            SignedWhen.AUTHENTICATED,
            "类型不符的签名；经过压缩的正文不读，不签名。",
            "Signed for the wrong type; a compressed body is not read, and its answer not signed.",
        ),
        422: _ALWAYS,
        429: _EARLY,
        500: _EARLY,
        501: _ALWAYS,
        503: _EARLY,
    }
)
"""By status; 405 is answered on paths of the contract, by methods that no document describes."""

UNSIGNED_RULE_ZH: Final = (
    "未签名或验签未通过的响应不得作为结论：是否生效无法得知，不得据此认定已接收或被拒绝。"
    "此类响应仅可用于：401 按 code 改正签名；其余稍后以相同内容、新的 nonce 重发，间隔逐次延长。"
    "同一 signature 代码连续三次的，停止重发，转人工处理；"
    f"正文超过 {LONGEST_BODY_BYTES >> 20} MiB 的，分批之后再发。"
)
UNSIGNED_RULE_EN: Final = (
    "An unsigned answer, or one that does not verify, settles nothing: whether the request took "
    "effect is unknown. It may be believed for two things only: on 401, mend the signature by the "
    "code; on any other, try again later, the same content under a new nonce, at growing intervals."
    " After three times the same signature code, stop and ask a person;"
    f" split a body beyond {LONGEST_BODY_BYTES >> 20} MiB."
)
