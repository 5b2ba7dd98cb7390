"""What the OpenAPI documents say in words: titles, descriptions, callers, and the signature."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from contracts.catalogue.operation_types import Side
from contracts.catalogue.signed_answers import UNSIGNED_RULE_EN, UNSIGNED_RULE_ZH
from schemas.records.json_errors import LONGEST_BODY_BYTES, LONGEST_ITEM_BYTES

_ALL: Final = f"""
正文为 UTF-8 JSON；有指标编码的数据项以小写编码为名，其余用英文名。批次 1 至 200 条，逐条返回结果；
内容相同的（见 `canonical-form.md`）
是重复，返回第一次的回执。错误为 `application/problem+json`，`code` 稳定，见 `errors.csv`。
每个请求都按 RFC 9421 签名，随机数只用一次；已认证的调用方，不论状态，
均得到签名的响应，每个状态写明。本接口约定（契约）非官方，不替代官方接口规范。
{UNSIGNED_RULE_ZH}
Content-Type 为 application/json（可加 charset=utf-8），不压缩；请求和响应的正文均不超过
{LONGEST_BODY_BYTES >> 20} MiB，单条不超过 {LONGEST_ITEM_BYTES >> 10} KiB：合规的
200 条逐字转义也不会超出（`limits.csv`）；`errors` 每条至多 20 项，不转义非 ASCII 字符。
未定义的查询参数不予处理，重复的予以拒绝；不受支持的方法（含 HEAD）返回 405 和 Allow。
traceparent 合法的予以沿用，否则另行生成。
`x-duijie.built` 为 false 的接口返回 501 `operation.not-built`。角色由密钥决定，不由正文决定。

Bodies are UTF-8 JSON; a member with an indicator code bears it in lower case, any other an English
name. Batches hold 1 to 200 items, each answered by itself; the same content
(`canonical-form.en.md`) is a repeat and gets the first receipt again.
Errors are `application/problem+json` with a stable `code`, see `errors.csv`. Every request is
signed by RFC 9421, a nonce is good once; whoever is authenticated gets signed answers, whatever
the status.
{UNSIGNED_RULE_EN}
Content-Type is application/json (charset=utf-8 may be said), no coding. Requests and answers have
{LONGEST_BODY_BYTES >> 20} MiB at most, an item {LONGEST_ITEM_BYTES >> 10} KiB: 200 lawful
items never meet it, though each character is escaped (`limits.csv`). A problem has 20 `errors` at
most, its text beyond ASCII unescaped. Unknown query members are passed over, a repeated one is
refused. Other methods, HEAD among them, get 405 with Allow. A well-formed traceparent goes on, any
other begins anew. What is not built
(`x-duijie.built`) answers 501 `operation.not-built`. The role follows from the key, never the body.
"""
TITLES: Final[Mapping[Side, str]] = MappingProxyType(
    {
        Side.NATIONAL: "失业登记接口约定（契约）：部端接口 / Docking contract: the national side",
        Side.PROVINCE: "失业登记接口约定（契约）：省级网关接口 / Docking contract: the province",
        Side.AGENCY: "失业登记接口约定（契约）：经办机构系统接口 / Docking contract: an agency",
        Side.OPERATOR: "失业登记接口约定（契约）：经手接口 / Docking contract: operators' acts",
    }
)
DESCRIPTIONS: Final[Mapping[Side, str]] = MappingProxyType(
    {
        Side.NATIONAL: "由部端提供，省级网关调用。Served by the national side.\n" + _ALL,
        Side.PROVINCE: "由省级网关提供，部端与经办机构调用。Served by the gateway.\n" + _ALL,
        Side.AGENCY: "由接收推送的经办机构系统提供，省级网关调用；重试见 retries.md。"
        "Served by an agency; when a call is repeated: retries.md.\n" + _ALL,
        Side.OPERATOR: "由省级网关提供，分派岗的系统调用；与命令行相同，执行两次等于一次。"
        "Served by the gateway to its operators' system: what the commands do; twice is once.\n"
        + _ALL,
    }
)
TAGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "province": "省级网关调用 / called by the provincial gateway",
        "national": "部端调用 / called by the national side",
        "agency": "经办机构系统调用 / called by an agency's system",
        "operator": "分派岗的系统调用 / called by the operators' system",
    }
)
SERVERS: Final[Mapping[Side, tuple[Mapping[str, str], ...]]] = MappingProxyType(
    {
        Side.NATIONAL: ({"url": "http://127.0.0.1:8600", "description": "模拟器 / simulator"},),
        Side.PROVINCE: ({"url": "http://127.0.0.1:8080", "description": "网关 / gateway"},),
        Side.AGENCY: ({"url": "http://127.0.0.1:8701", "description": "模拟经办机构 / stand-in"},),
        Side.OPERATOR: ({"url": "http://127.0.0.1:8080", "description": "网关 / gateway"},),
    }
)
SECURITY_SCHEMES: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "signatureInput": {
            "type": "apiKey",
            "in": "header",
            "name": "Signature-Input",
            "description": (
                "RFC 9421：覆盖 @method、@authority、@path、@query，有正文时另加 content-type、"
                "content-digest；参数 created、expires、nonce、keyid，可加 alg，tag 为 duijie-v1，"
                "双方约定时写明方向（duijie-v1/agency-to-province 等）。"
                "What the signature covers, content-type and content-digest where there is a body."
            ),
        },
        "signature": {
            "type": "apiKey",
            "in": "header",
            "name": "Signature",
            "description": (
                "RFC 9421；套件由密钥决定：hmac-sha256、ed25519、hmac-sm3 等。"
                "The suite belongs to the key. With a body, Content-Digest (RFC 9530) is required."
            ),
        },
        "clientCertificate": {
            "type": "mutualTLS",
            "description": "可选：证书与密钥编号绑定。Optional: bound to the key id.",
        },
    }
)
SECURITY: Final[tuple[Mapping[str, list[str]], ...]] = (
    {"signatureInput": [], "signature": []},
    {"signatureInput": [], "signature": [], "clientCertificate": []},
)
