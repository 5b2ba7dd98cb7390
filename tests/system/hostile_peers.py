"""恶意对端: peers of a gateway whose answers bear canaries wherever an answer can bear anything."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

import orjson

from schemas.reference.clock import utc_now
from schemas.signing import sign_answer
from tests.builders.records import application_json
from tests.support.canaries import ADDRESS, CANARIES, CERTIFICATE, MOBILE, NAME
from tests.support.hostile_server import (
    HostileAnswer,
    HostileRequest,
    HostileServer,
    http_answer,
    serving_hostile,
)
from tests.support.signing_client import JSON
from tests.support.stack import Connection

ALL: Final = " ".join(CANARIES.values())
IN_HEADER: Final = f"{CERTIFICATE} {MOBILE} {quote(NAME)} {quote(ADDRESS)}"
HEADERS: Final = {
    "Retry-After": IN_HEADER,
    "Content-Type": f"application/{CERTIFICATE}",
    "Content-Language": MOBILE,
    "Location": f"http://{MOBILE}.invalid/{quote(NAME)}?{CERTIFICATE}",
    "Set-Cookie": f"a={CERTIFICATE}",
    "Duijie-Contract": CERTIFICATE,
    "traceparent": IN_HEADER,
    "Date": IN_HEADER,
    f"X-{CERTIFICATE}": IN_HEADER,
}
PROBLEM: Final = orjson.dumps(
    {
        "type": f"urn:duijie:problem:{CERTIFICATE}",
        "code": f"x.{CERTIFICATE.lower()}",
        "title": NAME,
        "status": 422,
        "detail": ALL,
        "trace_id": IN_HEADER,
        "errors": [{"pointer": f"/{NAME}", "code": CERTIFICATE, "message": ALL}],
        NAME: ALL,
    }
)


@dataclass(frozen=True, slots=True)
class HostileReply:
    """One answer; with `raw`, these bytes instead of HTTP."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    reason: str = "Said"
    is_signed: bool = False
    raw: bytes = b""


def hostile_replies(page: bytes) -> list[HostileReply]:
    """Return replies to a call, from garbage to a signed one; `page` is what is asked for."""
    return [
        HostileReply(raw=f"HTTP/1.1 {CERTIFICATE} {ALL}\r\n\r\n".encode()),
        HostileReply(raw=f"{ALL}\r\n{ALL}: {ALL}\r\n\r\n".encode()),
        HostileReply(302, ALL.encode(), HEADERS),
        HostileReply(503, ALL.encode(), HEADERS, reason=f"{CERTIFICATE} {MOBILE}"),
        HostileReply(200, page, {"Content-Encoding": CERTIFICATE}, is_signed=True),
        HostileReply(200, page, {"Signature": f"sig1=:{CERTIFICATE}:", "Signature-Input": ALL}),
        HostileReply(422, PROBLEM, {"Content-Type": "application/problem+json"}, is_signed=True),
        HostileReply(200, f'{{"{NAME}":"{ALL}",'.encode(), {"Content-Type": JSON}, is_signed=True),
    ]


def hostile_items() -> list[bytes]:
    """Return items of a feed with canaries in members, in names of members and in broken JSON."""
    good = application_json(
        aac003=NAME, aac147=CERTIFICATE, aac067=MOBILE, aac010=ADDRESS, aac026=ADDRESS
    )

    def numbered(number: str, old: bytes = b"", new: str = "") -> bytes:
        return good.replace(b"SY2026030200001", number.encode()).replace(old, new.encode())

    sex = b'"aac004":"2"'
    return [
        numbered("SY-GOOD", sex, '"aac004":"2"'),
        numbered("SY-NAME", sex, f'"aac004":"2","{NAME}{CERTIFICATE}":"{ALL}"'),
        numbered("SY-CODE", sex, f'"aac004":"{CERTIFICATE}"'),
        numbered("SY-PLACE", b'"place_division":"410105"', f'"place_division":"{CERTIFICATE}"'),
        numbered("SY-KIND", b'"kind":"application"', f'"kind":"{MOBILE}"'),
        numbered("SY-TWICE", sex, f'"{CERTIFICATE}":"1","{CERTIFICATE}":"2"'),
        numbered("SY-BROKEN", sex, f'"aac004":{CERTIFICATE}{NAME}'),
        numbered("SY-NESTED", sex, f'"aac004":{{"{MOBILE}":["{NAME}"]}}'),
        numbered("SY-TRACE", b"0af7651916cd43dd8448eb211c80319c", CERTIFICATE),
        numbered("SY-DATE", b'"ajc090":"2026-02-10"', f'"ajc090":"{NAME}"'),
        f'{{"kind":"application","{CERTIFICATE}":"{ALL}"}}'.encode(),
        f'{{"kind":"withdrawal","application_no":"SY-GONE","{NAME}":"{ALL}"}}'.encode(),
    ]


@dataclass
class HostilePeer:
    """Answers a connection: first its `replies`, one a call by these methods, then `default`."""

    connection: Connection
    replies: list[HostileReply]
    default: bytes
    methods: frozenset[str] = frozenset({"GET", "POST"})
    is_through: bool = False
    """Whether a call came after the last of its replies."""

    def answer(self, request: HostileRequest) -> HostileAnswer:
        """Give the next answer."""
        self.is_through = not self.replies
        if self.is_through or request.method not in self.methods:
            return self._answer(HostileReply(200, self.default, is_signed=True), request)
        return self._answer(self.replies.pop(0), request)

    def _answer(self, reply: HostileReply, request: HostileRequest) -> HostileAnswer:
        if reply.raw:
            return HostileAnswer((reply.raw,))
        headers = {"Content-Type": JSON, "Connection": "close", **reply.headers}
        if reply.is_signed:
            headers |= sign_answer(
                self.connection.of_answerer().ours,
                status=reply.status,
                body=reply.body,
                request_signature=request.signature,
                now=utc_now(),
            )
        return http_answer(reply.status, headers, reply.body, reason=reply.reason)


@asynccontextmanager
async def a_hostile_peer(peer: HostilePeer) -> AsyncIterator[HostileServer]:
    """Serve it where the gateway expects the other side of its connection."""
    server = HostileServer(peer.answer)
    with serving_hostile(server, peer.connection.port):
        yield server
