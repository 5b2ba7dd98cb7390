"""生成 exchange.http：一件申请的全程往返，报文与签名均为实际生成，人员为虚构.

    python examples/make_exchange.py > examples/exchange.http

Keys, nonces and times are fixed, so the file comes out the same every time.
"""

import sys
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

import orjson

from contracts.catalogue.records import RECORDS
from contracts.publish.valid_acts import DISPATCH, NUMBER
from contracts.publish.valid_records import APPLICATION, DISPATCHED, PASSED
from schemas.records.canonical_form import content_digest
from schemas.records.outcomes import Outcome
from schemas.records.version import CONTRACT_VERSION
from schemas.reference.divisions import DivisionTree
from schemas.signing import Key, Link, Suite, Target, sign_answer, sign_request
from simulator.exchanges.entries import Application, AppliedResult
from simulator.exchanges.receipts import ReceiptKind, receipt
from simulator.web.control.views import show_application

NATIONAL: Final = "http://127.0.0.1:8600/national/v1"
CONTROL: Final = "http://127.0.0.1:8601/control/v1/applications"
AGENCY: Final = "http://127.0.0.1:8080/agency/v1"
JSON: Final = "application/json"
FILED: Final = datetime.fromisoformat("2026-03-02T08:55:00+08:00")
DOWNLOADED: Final = FILED + timedelta(seconds=2)
FETCHED: Final = datetime.fromisoformat("2026-03-02T09:00:00+08:00")
DECIDED: Final = datetime.fromisoformat("2026-03-03T15:00:00+08:00")
REPORTED: Final = DECIDED + timedelta(seconds=1)
HEAD: Final = """\
# 一件申请的全程往返 / one application, there and back
#
# 申报 → 下载 → 确认 → 拉取分派单 → 确认 → 报送审核结果 → 上传审核结果 → 查看进度
# 每一步是请求，其后带 # 的是响应。正文都在一行上，逐字节就是签名所覆盖的内容。
# 人是虚构的，证件号码的顺序码是 000。时间固定，所以这些签名早已过期：照着核对，不要重放。
# Each step is a request, its answer behind «# ». Made by examples/make_exchange.py; do not edit.
#
# 密钥只供核对，任何环境都不得使用 / keys to check against, never to be used:
"""


def fixed(name: str, suite: Suite) -> Key:
    """Return an example key that follows from its name."""
    material = sha256(f"对接示例密钥 {name}".encode()).digest()
    make = Key.secret if suite is Suite.HMAC_SHA256 else Key.private
    return make(name, suite, material)


SHARED: Final = fixed("agency-410105-01", Suite.HMAC_SHA256)
UP: Final = Link(
    ours=fixed("portal-410000", Suite.ED25519), theirs=fixed("national", Suite.ED25519)
)
DOWN: Final = Link(ours=SHARED, theirs=SHARED)


@dataclass(frozen=True, slots=True)
class HttpExchange:
    """One request and its answer; without a link both are unsigned."""

    operation: str
    title: str
    url: str
    at: datetime
    answer: bytes
    body: bytes = b""
    link: Link | None = None
    status: str = "200 OK"


def compact(value: object) -> bytes:
    """Return JSON on one line."""
    return orjson.dumps(value)


def stored(key: str, kind: ReceiptKind, content: object, at: datetime, revision: int = 1) -> bytes:
    """Return the answer to a batch of one that was accepted."""
    digest = content_digest(RECORDS[kind].read(compact(content)))
    body = receipt(key, kind, revision=revision, digest=digest, at=at)
    return b'{"results":[{"status":"accepted","receipt":%b}]}' % body


def exchanges() -> Iterator[HttpExchange]:
    """Yield the exchanges from filing to the answer that the person sees."""
    yield HttpExchange(
        *("fileApplications", "申报：在部端模拟器虚构一人（控制接口，不属于接口约定）"),
        *(CONTROL, FILED),
        compact({"count": 1, "application_nos": [NUMBER]}),
        compact({"count": 1, "places": ["410105"]}),
        status="201 Created",
    )
    yield HttpExchange(
        *("downloadApplications", "失业登记申请信息下载：省向部端"),
        *(f"{NATIONAL}/applications?limit=100&wait=20", DOWNLOADED),
        compact({"items": [APPLICATION], "more": False}),
        link=UP,
    )
    acknowledgement = {"application_no": NUMBER, "kind": "application", "stored_at": DOWNLOADED}
    yield HttpExchange(
        *("acknowledgeApplications", "下载确认：已经落盘，部端不再送来"),
        *(f"{NATIONAL}/applications/acknowledgements", DOWNLOADED),
        stored(NUMBER, "application", APPLICATION, DOWNLOADED),
        compact({"acknowledgements": [acknowledgement]}),
        UP,
    )
    yield from at_the_agency()
    yield HttpExchange(
        *("uploadOutcomes", "失业登记审核结果上传：省向部端，原样转送"),
        *(f"{NATIONAL}/outcomes", REPORTED),
        stored(NUMBER, "outcome", PASSED, REPORTED),
        compact({"outcomes": [PASSED]}),
        UP,
    )
    yield HttpExchange(
        *("showApplication", "查看进度：本人看到“已审核”（控制接口，不属于接口约定）"),
        *(f"{CONTROL}/{NUMBER}", REPORTED),
        application_at_the_end(),
    )


def application_at_the_end() -> bytes:
    """Return the application as the simulator's control interface shows it at the end."""
    view = show_application(1, application_of_the_national_side(), DivisionTree.load())
    return view.model_dump_json().encode()


def at_the_agency() -> Iterator[HttpExchange]:
    """Yield what happens between the agency and the gateway."""
    yield HttpExchange(
        *("fetchDispatches", "拉取分派单：经办机构向网关"),
        *(f"{AGENCY}/dispatches?limit=100&wait=20", FETCHED),
        compact({"dispatches": [DISPATCHED], "more": False}),
        link=DOWN,
    )
    yield HttpExchange(
        *("acknowledgeDispatches", "分派确认：经办机构已入库"),
        *(f"{AGENCY}/dispatches/acknowledgements", FETCHED),
        stored(DISPATCH, "dispatch", DISPATCHED, FETCHED),
        compact({"acknowledgements": [{"dispatch_no": DISPATCH, "stored_at": FETCHED}]}),
        DOWN,
    )
    yield HttpExchange(
        *("submitOutcomes", "报送审核结果：经办机构向网关；返回之前已落盘"),
        *(f"{AGENCY}/outcomes", DECIDED),
        stored(NUMBER, "outcome", PASSED, DECIDED),
        compact({"outcomes": [PASSED]}),
        DOWN,
    )


def application_of_the_national_side() -> Application:
    """Return the application as the national side keeps it at the end."""
    outcome = Outcome.read(compact(PASSED))
    digest = content_digest(outcome)
    body = receipt(NUMBER, "outcome", revision=1, digest=digest, at=REPORTED)
    return Application(
        number=NUMBER,
        area="410000",
        place="410105",
        submitted_at=FILED,
        forwarded_at=FILED + timedelta(seconds=1),
        trace_id=str(APPLICATION["trace_id"]),
        deliveries=1,
        first_delivered_at=DOWNLOADED,
        last_delivered_at=DOWNLOADED,
        acknowledgements=1,
        acknowledged_at=DOWNLOADED,
        results={1: AppliedResult("outcome", NUMBER, 1, digest, body, REPORTED, outcome)},
    )


def request_of(exchange: HttpExchange, number: int) -> tuple[str, str]:
    """Return a request as text, and its Signature field."""
    method = "POST" if exchange.body else "GET"
    headers = {"Content-Type": JSON} if exchange.body else {}
    signature = ""
    if exchange.link is not None:
        signed = sign_request(
            exchange.link.ours,
            Target.from_url(method, exchange.url),
            body=exchange.body or None,
            content_type=JSON if exchange.body else None,
            now=exchange.at,
            nonce=urlsafe_b64encode(sha256(f"nonce {number}".encode()).digest()[:18]).decode(),
        )
        headers |= signed.headers
        signature = signed.signature
    return message(f"{method} {exchange.url} HTTP/1.1", headers, exchange.body), signature


def answer_of(exchange: HttpExchange, signature: str) -> str:
    """Return an answer as text, bound to the request's Signature field."""
    headers = {"Content-Type": JSON}
    if exchange.link is not None:
        headers |= {"Duijie-Contract": CONTRACT_VERSION} | sign_answer(
            exchange.link.theirs,
            status=int(exchange.status[:3]),
            body=exchange.answer,
            request_signature=signature,
            now=exchange.at,
        )
    return message(f"HTTP/1.1 {exchange.status}", headers, exchange.answer)


def message(first: str, headers: dict[str, str], body: bytes) -> str:
    """Return the lines of a message."""
    lines = [first, *(f"{name}: {value}" for name, value in headers.items())]
    return "\n".join([*lines, "", body.decode()] if body else lines)


def whole_file() -> str:
    """Return the whole file."""
    parts = [HEAD]
    for key in (UP.ours, UP.theirs, SHARED):
        printed = b64encode(key.engine.public_bytes() or key.material).decode()
        parts.append(f"#   {key.key_id}  {key.suite}  {key.public_half().kind}  {printed}\n")
    for number, exchange in enumerate(exchanges(), 1):
        request, signature = request_of(exchange, number)
        answered = "".join(
            f"# {line}".rstrip() + "\n" for line in answer_of(exchange, signature).split("\n")
        )
        title = f"{number}. {exchange.operation} {exchange.title}"
        parts.append(f"\n### {title}\n{request}\n\n{answered}")
    return "".join(parts)


if __name__ == "__main__":
    sys.stdout.buffer.write(whole_file().encode())
