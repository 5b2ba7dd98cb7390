"""What happens to a good request on its way (改动), and what a verifier must say of it.

There is one for every wire code of signatures, and good ones of every shape that a signer meets.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from contracts.publish.valid_records import VALID_RECORDS
from schemas.signing import Key, Suite

PING: Final = "https://entry.example.cn/national/v1/ping"
URL: Final = f"{PING}?lang=zh"
WAITING: Final = "https://entry.example.cn/national/v1/applications"
BODY: Final = b'{"echo":"%s"}' % str(VALID_RECORDS["ping"]["echo"]).encode()
NO_SIGNATURE: Final = "A" * 86 + "=="
ACCEPTED: Final = "accepted"
PAIRED: Final = frozenset({Suite.ECDSA_P256_SHA256, Suite.SM2_SM3})
"""The suites whose signature is a pair of numbers, r‖s."""


@dataclass(frozen=True, slots=True)
class Alteration:
    """One vector: what was signed, what was done to it, and the verdict.

    What was received is what was signed where nothing else is said. `edits` are made in
    Signature-Input; `after` is a vector that was received before this one. `signer` makes the
    signature over the base in place of the key's own, in the suites of `suites` only.
    """

    name: str
    why_zh: str
    verdict: str
    signed: tuple[str, str, bytes] = ("POST", URL, BODY)
    method: str | None = None
    url: str | None = None
    body: bytes | None = None
    changes: Mapping[str, str] = field(default_factory=dict)
    edits: tuple[tuple[str, str], ...] = ()
    drop: str = ""
    later_s: int = 0
    after: str | None = None
    signer: Callable[[Key, str], bytes] | None = None
    suites: frozenset[Suite] = frozenset(Suite)


def _says(name: str, why_zh: str, code: str, *edits: tuple[str, str]) -> Alteration:
    return Alteration(name, why_zh, f"signature.{code}", edits=edits)


_GOOD: Final = (
    Alteration(ACCEPTED, "正确", ACCEPTED),
    Alteration("last-second", "有效期最后一秒", ACCEPTED, later_s=300),
    Alteration("no-query", "没有查询：@query 写作 ?", ACCEPTED, ("POST", PING, BODY)),
    Alteration("get", "GET 没有正文：不签类型与摘要", ACCEPTED, ("GET", WAITING, b"")),
    Alteration(
        *("get-query", "GET 携带查询", ACCEPTED), ("GET", f"{WAITING}?limit=200&wait=30", b"")
    ),
    Alteration(
        *("port", "主机带端口：@authority 含端口", ACCEPTED),
        ("POST", "http://entry.example.cn:8600/national/v1/ping", BODY),
    ),
    Alteration(
        *("default-port", "默认端口不写入 @authority", ACCEPTED),
        ("POST", "https://entry.example.cn:443/national/v1/ping", BODY),
    ),
    Alteration(
        *("upper-host", "主机名一律小写", ACCEPTED),
        ("POST", "https://Entry.Example.CN/national/v1/ping", BODY),
    ),
    Alteration(
        *("escaped-path", "路径按发送的字节签名，不解码", ACCEPTED),
        ("GET", "https://gateway.example.cn/agency/v1/cases/410105%2F00017", b""),
    ),
)
_ALTERED: Final = (
    Alteration("body", "正文被改动", "signature.digest-mismatch", body=BODY + b" "),
    Alteration("path", "路径被改动", "signature.mismatch", url=URL.replace("ping", "outcomes")),
    Alteration("query", "查询被改动", "signature.mismatch", url=URL.replace("zh", "en")),
    Alteration("query-dropped", "查询被删除", "signature.mismatch", url=PING),
    Alteration("method", "方法被改动", "signature.mismatch", method="PUT"),
    Alteration("host", "主机被改动", "signature.mismatch", url=URL.replace("entry", "other")),
    Alteration(
        *("port-added", "增加端口", "signature.mismatch"), url=URL.replace(".cn/", ".cn:8600/")
    ),
    Alteration(
        *("type", "内容类型被改动", "signature.mismatch"), changes={"Content-Type": "text/plain"}
    ),
    Alteration("expired", "已过有效期", "signature.expired", later_s=301),
    Alteration("future", "签名时间超前", "signature.not-yet-valid", later_s=-61),
    Alteration("unsigned", "没有签名", "signature.missing", drop="Signature-Input"),
    Alteration("no-digest", "没有摘要", "signature.digest-missing", drop="Content-Digest"),
    Alteration(
        *("weak-digest", "摘要算法过弱", "signature.mismatch"),
        changes={"Content-Digest": "md5=:1B2M2Y8AsgTpgAmY7PhCfg==:"},
    ),
    Alteration(
        *("other-signature", "换了签名", "signature.mismatch"),
        changes={"Signature": f"duijie=:{NO_SIGNATURE}:"},
    ),
    Alteration(
        *("get-with-body", "GET 携带正文", "signature.body-unexpected"),
        ("GET", WAITING, b""),
        body=BODY,
        changes={"Content-Type": "application/json"},
    ),
    Alteration("body-dropped", "有摘要而没有正文", "signature.body-unexpected", body=b""),
    Alteration(
        *("replayed", "返回 accepted 之后又收到相同的报文", "signature.replayed"), after=ACCEPTED
    ),
)
_RESPELLED: Final = (
    _says("malformed", "签名头不是结构化字段", "malformed", ("duijie=(", "duijie=[")),
    _says("other-tag", "标记不是本接口约定的", "wrong-tag", ('tag="duijie-v1"', 'tag="other"')),
    Alteration(
        *("two-signatures", "两个签名都带本接口约定的标记", "signature.ambiguous"),
        edits=(("duijie=", 'second=("@method");created=1;keyid="x";tag="duijie-v1", duijie='),),
    ),
    _says("other-label", "两个头的标签不同", "label-mismatch", ("duijie=(", "other=(")),
    _says("no-nonce", "缺少 nonce", "parameter-missing", (";nonce=", ";n=")),
    _says("created-text", "created 写作文本", "parameter-invalid", ("created=", 'created="a";c=')),
    _says("not-all-covered", "没有覆盖 @query", "component-missing", (' "@query"', "")),
    _says(
        "covered-twice", "@path 列了两次", "component-repeated", (' "@path"', ' "@path" "@path"')
    ),
    _says(
        "odd-component",
        "覆盖 @target-uri",
        "component-unknown",
        (' "@path"', ' "@path" "@target-uri"'),
    ),
    _says("short-nonce", "nonce 过短", "nonce-unfit", ("AAECAwQFBgcICQoLDA0ODw", "AAEC")),
    _says("unknown-key", "密钥编号未登记", "unknown-key", ('keyid="vector-key"', 'keyid="nobody"')),
    _says("other-alg", "alg 与登记不符", "algorithm-mismatch", (';alg="', ';alg="rsa-')),
    _says(
        "long-lifetime",
        "有效期过长",
        "lifetime-too-long",
        ("expires=1772413500", "expires=1772413501"),
    ),
)


def _in_der(key: Key, base: str) -> bytes:
    """Sign as most libraries do by themselves: two integers in a sequence."""
    pair = key.engine.sign(base.encode())
    integers = b"".join(map(_der_integer, (pair[:32], pair[32:])))
    return bytes((0x30, len(integers))) + integers


def _der_integer(number: bytes) -> bytes:
    stripped = number.lstrip(b"\0")
    written = b"\0" + stripped if stripped[:1] >= b"\x80" else stripped
    return bytes((0x02, len(written))) + written


def _with_bare_query(key: Key, base: str) -> bytes:
    return key.engine.sign(base.replace('"@query": ?', '"@query": ').encode())


_OTHERWISE_SIGNED: Final = (
    Alteration(
        *("bare-query", "没有查询时 @query 留空，未写 ?", "signature.query-mark-missing"),
        ("POST", PING, BODY),
        signer=_with_bare_query,
    ),
    Alteration(
        *("query-without-mark", "@query 的值没有以 ? 开头", "signature.query-mark-missing"),
        signer=_with_bare_query,
    ),
    Alteration(
        *("der", "签名值是 DER，不是 64 字节的 r‖s", "signature.der-encoded"),
        signer=_in_der,
        suites=PAIRED,
    ),
)
ALTERATIONS: Final = (*_GOOD, *_ALTERED, *_RESPELLED, *_OTHERWISE_SIGNED)
"""Every vector of requests; the first is the plain one."""
