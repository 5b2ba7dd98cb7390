"""Every server keeps to the same rules of HTTP: the same odd request gets the same answer.

What is compared: status, code, pointers, `Allow`, and whether the answer is signed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Final

import orjson
from multidict import CIMultiDict
from yarl import URL

from contracts.catalogue.signed_answers import SIGNED_ANSWERS, SignedWhen
from schemas.records.json_errors import LONGEST_BODY_BYTES
from schemas.reference.clock import utc_now
from schemas.signing import SignedRequest, Target, sign_request
from tests.contract.sides import AGENCY, NATIONAL, PROVINCE, ROOTS, all_sides
from tests.support.raw_http import body_headers, raw_connection, request_head
from tests.support.signing_client import JSON, Answered, SigningClient

PING: Final = b'{"echo":"1"}'
TRACE: Final = "0af7651916cd43dd8448eb211c80319c"
SPAN: Final = "b7ad6b7169203331"
BATCHES: Final = {
    NATIONAL: ("/outcomes", "outcomes"),
    PROVINCE: ("/outcomes", "outcomes"),
    AGENCY: ("/dispatches", "dispatches"),
}
QUEUES: Final = {NATIONAL: "/applications", PROVINCE: "/dispatches"}


@dataclass(frozen=True, slots=True)
class Said:
    """What is to be answered: `errors` are pointer and code; no code is a success."""

    status: int
    code: str = ""
    errors: tuple[tuple[str, str], ...] = ()
    allow: str = ""
    signed: bool = True


@dataclass(frozen=True, slots=True)
class Odd:
    """One request to the operation `ping` of a side, or to another path, and its answer."""

    name: str
    said: Said
    body: bytes | None = PING
    method: str = "POST"
    path: str = "/ping"
    content_type: str | None = JSON
    headers: tuple[tuple[str, str], ...] = ()
    by_nobody: bool = False
    sent_body: bytes | None = field(default=None)


def malformed(code: str) -> Said:
    return Said(400, "message.malformed", (("", code),))


def invalid(*errors: tuple[str, str]) -> Said:
    return Said(422, "message.invalid", errors)


OK: Final = Said(200)
NOT_THIS_TYPE: Final = Said(415, "message.unsupported-type")
NOT_THIS_METHOD: Final = Said(405, "method.not-allowed", allow="POST")
NOWHERE: Final = Said(404, "route.unknown")
TWICE: Final = Said(400, "query.invalid", (("/lang", "query.invalid"),))
ODD: Final = (
    Odd("plain", OK),
    # the bytes
    Odd("GBK", malformed("json.not-utf-8"), '{"echo":"张"}'.encode("gbk")),
    Odd("byte order mark", OK, b"\xef\xbb\xbf" + PING),
    Odd("UTF-16", malformed("json.utf-16"), PING.decode().encode("utf-16")),
    Odd("a member twice", malformed("json.duplicate-member"), b'{"echo":"1","echo":"1"}'),
    Odd("cut short", malformed("json.syntax"), PING[:-1]),
    Odd("empty", malformed("json.empty"), None),
    Odd("blank", malformed("json.empty"), b" \r\n"),
    Odd("as long as may be", OK, PING.ljust(LONGEST_BODY_BYTES)),
    # the record
    Odd("an array", invalid(("", "field.model-type")), b"[]"),
    Odd("a member lacking", invalid(("/echo", "field.missing")), b"{}"),
    Odd("a type", invalid(("/echo", "field.string-type")), b'{"echo":1}'),
    Odd("a member", invalid(("/lang", "field.extra-forbidden")), b'{"echo":"1","lang":"zh"}'),
    Odd("a person", invalid(("", "field.extra-forbidden")), '{"echo":"1","张伟":1}'.encode()),
    # the type
    Odd("text", NOT_THIS_TYPE, content_type="text/plain"),
    Odd("GBK by charset", NOT_THIS_TYPE, content_type="application/json; charset=gbk"),
    Odd("a parameter", NOT_THIS_TYPE, content_type="application/json; version=1"),
    Odd("problem", NOT_THIS_TYPE, content_type="application/problem+json"),
    Odd("UTF-8", OK, content_type="application/json;charset=UTF-8"),
    Odd("UTF-8 in quotes", OK, content_type='Application/JSON; charset="utf-8"'),
    Odd("no type", Said(401, "signature.component-missing", signed=False), content_type=None),
    Odd("coded as it is", OK, headers=(("Content-Encoding", "identity"),)),
    Odd(
        "compressed",
        Said(415, "message.unsupported-type", signed=False),
        headers=(("Content-Encoding", "gzip"),),
    ),
    # the method and the path
    Odd("GET", NOT_THIS_METHOD, None, "GET"),
    Odd("PUT", NOT_THIS_METHOD, method="PUT"),
    Odd("DELETE", NOT_THIS_METHOD, None, "DELETE"),
    Odd("OPTIONS", NOT_THIS_METHOD, None, "OPTIONS"),
    Odd("HEAD", Said(405, "", allow="POST"), None, "HEAD"),
    Odd("nowhere", NOWHERE, None, "GET", "/nowhere"),
    Odd("nowhere with a body", NOWHERE, path="/nowhere"),
    Odd("below a path", NOWHERE, path="/ping/"),
    # nobody
    Odd("unsigned", Said(401, "signature.missing", signed=False), by_nobody=True),
    Odd(
        "a method of nobody",
        Said(405, "method.not-allowed", allow="POST", signed=False),
        method="PUT",
        by_nobody=True,
    ),
    Odd(
        "nowhere of nobody",
        Said(404, "route.unknown", signed=False),
        path="/nowhere",
        by_nobody=True,
    ),
    Odd(
        "another body",
        Said(401, "signature.digest-mismatch", signed=False),
        sent_body=b'{"echo":"2"}',
    ),
    # the query and the trace
    Odd("a query that nobody knows", OK, path="/ping?lang=zh"),
    Odd("a query twice", TWICE, path="/ping?lang=zh&lang=zh"),
    Odd("no trace", OK, headers=(("traceparent", "nonsense"),)),
    Odd("a trace of zeros", OK, headers=(("traceparent", f"00-{'0' * 32}-{SPAN}-01"),)),
    Odd("two traces", OK, headers=(("traceparent", f"00-{TRACE}-{SPAN}-01"),) * 2),
)


def signed_with(client: SigningClient, odd: Odd, path: str) -> SignedRequest:
    return sign_request(
        client.link.ours,
        Target.from_url(odd.method, f"{client.base}{path}"),
        body=odd.body,
        content_type=(odd.content_type or JSON) if odd.body else None,
        now=utc_now(),
        tag=client.link.tags.sends,
    )


async def ask(client: SigningClient, side: str, odd: Odd) -> tuple[Answered, str]:
    """Return the answer, and the signature of the request."""
    path = odd.path if odd.path.startswith("/province/") else f"{ROOTS[side]}{odd.path}"
    signed = signed_with(client, odd, path)
    headers = CIMultiDict(odd.headers)
    if not odd.by_nobody:
        headers.extend(signed.headers)
    if odd.body and odd.content_type:
        headers["Content-Type"] = odd.content_type
    body = odd.sent_body or odd.body
    async with client.session.request(
        odd.method,
        URL(f"{client.base}{path}", encoded=True),
        data=BytesIO(body) if body else None,
        headers=headers,
        skip_auto_headers={"Content-Type"},
    ) as answer:
        return Answered(answer.status, await answer.read(), answer.headers), signed.signature


def what_it_said(answered: Answered, client: SigningClient, request_signature: str) -> Said:
    said = orjson.loads(answered.body) if answered.body else {}
    signed = "Signature" in answered.headers
    if signed:
        client.verify(answered, request_signature)
    return Said(
        answered.status,
        said.get("code", ""),
        tuple((one["pointer"], one["code"]) for one in said.get("errors", ())),
        answered.headers.get("Allow", ""),
        signed,
    )


def is_as_published(said: Said) -> bool:
    """Say whether the contract has it so that this answer is signed, or is not."""
    match SIGNED_ANSWERS[said.status].signed:
        case SignedWhen.ALWAYS:
            return said.signed
        case SignedWhen.REPLAYED:
            return said.signed == (said.code == "signature.replayed")
        case SignedWhen.AUTHENTICATED:
            return True


async def all_of(
    clients: Mapping[str, SigningClient], asked: Mapping[str, tuple[Odd, ...]]
) -> dict[str, tuple[Said, Said]]:
    """Return what was answered otherwise than it should, with what should have been."""
    wrong = {}
    for side, listed in asked.items():
        client = clients[side]
        for odd in listed:
            answered, signature = await ask(client, side, odd)
            said = what_it_said(answered, client, signature)
            if said != odd.said or not is_as_published(said):
                wrong[f"{side}: {odd.name}"] = (said, odd.said)
    return wrong


async def test_the_same_odd_request_gets_the_same_answer_everywhere(tmp_path: Path) -> None:
    async with all_sides(tmp_path) as clients:
        wrong = await all_of(clients, dict.fromkeys(clients, ODD))

    assert wrong == {}


def wrapped(side: str) -> tuple[Odd, ...]:
    path, member = BATCHES[side]
    name, bare = member.encode(), f"/{member}"
    return (
        Odd("an array", invalid(("", "field.model-type")), b"[{}]", path=path),
        Odd("no member", invalid((bare, "field.missing")), b"{}", path=path),
        Odd(
            "another wrapper",
            invalid((bare, "field.missing"), ("/items", "field.extra-forbidden")),
            b'{"items":[{}]}',
            path=path,
        ),
        Odd(
            "no list", invalid((bare, "field.tuple-type")), b'{"%b":1}' % member.encode(), path=path
        ),
        Odd("none", invalid((bare, "field.too-short")), b'{"%b":[]}' % member.encode(), path=path),
        Odd(
            "too many",
            Said(413, "message.too-large", ((bare, "field.too-long"),)),
            b'{"%b":[%b]}' % (name, b",".join([b"{}"] * 201)),
            path=path,
        ),
    )


async def test_a_wrong_wrapper_is_told_from_malformed_json_everywhere(tmp_path: Path) -> None:
    async with all_sides(tmp_path) as clients:
        wrong = await all_of(clients, {side: wrapped(side) for side in BATCHES})

    assert wrong == {}


def queried(side: str) -> tuple[Odd, ...]:
    path = QUEUES[side]
    out_of_range = Said(400, "query.invalid", (("/limit", "query.invalid"),))
    texts = ("0", "201", "abc", "", "-1", "1.0", "+1", "%201", "%D9%A3", "00001", "1&limit=1")
    waits = Said(400, "query.invalid", (("/wait", "query.invalid"),))
    return (
        *(Odd(text, out_of_range, None, "GET", f"{path}?limit={text}") for text in texts),
        Odd("a wait", waits, None, "GET", f"{path}?wait=31"),
        Odd("the least", OK, None, "GET", f"{path}?limit=1&wait=0&lang=zh"),
        Odd("the most", OK, None, "GET", f"{path}?limit=200"),
        Odd("HEAD", Said(405, "", allow="GET"), None, "HEAD", path),
    )


async def test_a_query_has_the_same_bounds_everywhere(tmp_path: Path) -> None:
    async with all_sides(tmp_path) as clients:
        wrong = await all_of(clients, {side: queried(side) for side in QUEUES})

    assert wrong == {}


async def test_a_trace_is_adopted_from_who_is_authenticated_and_from_nobody_else(
    tmp_path: Path,
) -> None:
    line = (("traceparent", f"00-{TRACE}-{SPAN}-01"),)
    async with all_sides(tmp_path) as clients:
        for side, client in clients.items():
            proven, _ = await ask(client, side, Odd("proven", OK, b"{}", headers=line))
            nobody, _ = await ask(client, side, Odd("nobody", OK, headers=line, by_nobody=True))

            assert orjson.loads(proven.body)["trace_id"] == TRACE
            assert re.fullmatch(rf"00-{TRACE}-(?!{SPAN})[0-9a-f]{{16}}-01", trace_of(proven))
            assert orjson.loads(nobody.body)["trace_id"] != TRACE
            assert trace_of(nobody) == ""


def trace_of(answered: Answered) -> str:
    return answered.headers.get("traceparent", "")


async def test_a_body_is_refused_by_its_announced_length_and_a_replay_is_signed(
    tmp_path: Path,
) -> None:
    async with all_sides(tmp_path) as clients:
        for side, client in clients.items():
            path = f"{ROOTS[side]}/ping"
            signed = client.sign("POST", path, PING)
            too_long = body_headers(PING, signed, content_length=str(LONGEST_BODY_BYTES + 1))
            async with raw_connection(client.base) as line:
                line.send(request_head(client.base, "POST", path, too_long))
                answer = await line.answer()
            assert (answer.status, orjson.loads(answer.body)["code"]) == (413, "message.too-large")
            assert "signature" not in answer.headers
            assert answer.headers["connection"] == "close"

            first = await client.send("POST", path, PING, signed.headers)
            again = await client.send("POST", path, PING, signed.headers)
            assert (first.status, again.status, again.code) == (200, 401, "signature.replayed")
            client.verify(again, signed.signature)


async def test_who_asks_first_whether_to_send_a_body_is_told_by_its_headers(
    tmp_path: Path,
) -> None:
    async with all_sides(tmp_path) as clients:
        for side, client in clients.items():
            path = f"{ROOTS[side]}/ping"
            for caller, status in ((client, 100), (client.with_unknown_key(), 401)):
                lines = body_headers(PING, caller.sign("POST", path, PING), expect="100-continue")
                async with raw_connection(client.base) as line:
                    line.send(request_head(client.base, "POST", path, lines))
                    assert (await line.answer()).status == status
