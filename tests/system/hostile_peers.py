"""恶意对端: peers of a gateway whose answers bear canaries wherever an answer can bear anything."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote, urlsplit

import orjson
from aiohttp import web

from schemas.reference.clock import utc_now
from schemas.signing import Target, sign_answer, verify_request
from tests.builders.records import application_json
from tests.support.canaries import ADDRESS, CANARIES, CERTIFICATE, MOBILE, NAME
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
    reason: str | None = None
    is_signed: bool = False
    raw: bytes = b""


def hostile_answers(page: bytes) -> list[HostileReply]:
    """Return answers to a call, from garbage to a signed one; `page` is what is asked for."""
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
    """Serves a connection: first its `answers`, one a call by these methods, then `default`."""

    connection: Connection
    answers: list[HostileReply]
    default: bytes
    methods: frozenset[str] = frozenset({"GET", "POST"})
    calls: int = 0
    is_through: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Give the next answer."""
        body = await request.read()
        self.calls += 1
        if not self.answers:
            self.is_through.set()
        if not self.answers or request.method not in self.methods:
            return self._sent(request, body, HostileReply(200, self.default, is_signed=True))
        return self._sent(request, body, self.answers.pop(0))

    def _sent(self, request: web.Request, body: bytes, hostile: HostileReply) -> web.Response:
        if hostile.raw:
            assert request.transport is not None
            request.transport.write(hostile.raw)
            request.transport.close()
        headers = {"Content-Type": JSON, **hostile.headers}
        if hostile.is_signed:
            link = self.connection.of_answerer()
            target = Target.received(request.method, request.host, request.raw_path)
            known = dict.fromkeys(link.theirs.key_ids, link)
            verified = verify_request(known, target, request.headers, body, now=utc_now())
            headers |= sign_answer(
                link.ours,
                status=hostile.status,
                body=hostile.body,
                request_signature=verified.signature,
                now=utc_now(),
            )
        return web.Response(
            body=hostile.body, status=hostile.status, reason=hostile.reason, headers=headers
        )


@asynccontextmanager
async def a_hostile_peer(peer: HostilePeer) -> AsyncIterator[None]:
    """Serve it where the gateway expects the other side of its connection."""
    app = web.Application(client_max_size=4 << 20)
    app.router.add_route("*", "/{path:.*}", peer.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1, handler_cancellation=True)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", urlsplit(peer.connection.base).port).start()
        yield
    finally:
        await runner.cleanup()
