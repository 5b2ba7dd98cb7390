"""The gateway's two kinds of peer, scripted: signed HTTP over loopback, a book in memory."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from email.utils import format_datetime
from typing import Final

import orjson
from aiohttp import web

from schemas.records.canonical_form import digest_of_received
from schemas.records.dispatches import Dispatch
from schemas.records.receipts import AcknowledgementBatch, BatchAnswer
from schemas.records.strict_json import read_page
from schemas.reference.clock import Now, utc_now
from schemas.signing import Link, SignatureRejected, Target, sign_answer, verify_request
from tests.support.peers import ScriptedPortal, a_problem
from tests.support.signing_client import JSON

PROBLEM: Final = {"Content-Type": "application/problem+json"}

Reply = tuple[int, bytes]
Script = Callable[[web.Request, bytes], Awaitable[Reply]]


def signed_app(link: Link, script: Script, *, now: Now = utc_now) -> web.Application:
    """Return an application that verifies what comes, runs `script`, and signs what it says."""

    async def answer(request: web.Request) -> web.Response:
        body = await request.read()
        target = Target.received(request.method, request.host, request.raw_path)
        links = dict.fromkeys(link.theirs.key_ids, link)
        date = {"Date": format_datetime(now(), usegmt=True)}
        try:
            verified = verify_request(links, target, request.headers, body, now=now())
        except SignatureRejected as exc:
            said = a_problem(str(exc.code)).wire()
            return web.Response(body=said, status=401, headers={**PROBLEM, **date})
        status, content = await script(request, body)
        headers = sign_answer(
            link.ours,
            status=status,
            body=content,
            request_signature=verified.signature,
            now=now(),
            tag=link.tags.answering(verified.tag),
        )
        headers |= {"Content-Type": JSON, **date}
        if content.startswith(b'{"type":"urn:duijie:problem:'):
            headers |= PROBLEM
        return web.Response(body=content, status=status, headers=headers)

    app = web.Application(client_max_size=4 << 20)
    app.router.add_route("*", "/{path:.*}", answer)
    return app


def receipt(key: str, kind: str, digest: str, revision: int = 1) -> dict[str, object]:
    return {
        "receipt_no": digest[:24],
        "key": key,
        "kind": kind,
        "revision": revision,
        "digest": digest,
        "received_at": "2026-03-03T15:00:00Z",
    }


@dataclass
class PortalServer:
    """A scripted portal over signed HTTP: it holds a download open while there is nothing."""

    portal: ScriptedPortal = field(default_factory=ScriptedPortal)
    traces: list[str] = field(default_factory=list)
    arrival: asyncio.Event = field(default_factory=asyncio.Event)
    confirmed: asyncio.Event = field(default_factory=asyncio.Event)
    holding: asyncio.Event = field(default_factory=asyncio.Event)
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)
    now: Now = utc_now

    def __post_init__(self) -> None:
        self.may_answer.set()

    @property
    def acknowledged(self) -> list[str]:
        """The numbers acknowledged so far, repeats included."""
        return self.portal.numbers

    @property
    def reported(self) -> list[bytes]:
        """What was reported, each outcome once."""
        return list(self.portal.reports.taken.values())

    def forward(self, *items: bytes) -> None:
        """Make applications available."""
        self.portal.feed.extend(items)
        self.arrival.set()

    async def answer(self, request: web.Request, body: bytes) -> Reply:
        """Serve the four operations of the contract."""
        self.traces.append(request.headers.get("traceparent", ""))
        match request.path.rpartition("/")[2]:
            case "applications":
                return 200, await self._page(int(request.query["wait"]))
            case "acknowledgements":
                return 200, await self._acknowledge(body)
            case "outcomes":
                results = self._report(body)
                await self.may_answer.wait()
                return 200, results
            case _:
                echo = orjson.loads(body)["echo"]
                return 200, orjson.dumps(
                    {"echo": echo, "at": "2026-03-03T15:00:00Z", "contract": "1"}
                )

    async def _page(self, wait_s: int) -> bytes:
        page = await self.portal.download(limit=100, wait_s=wait_s)
        if not page.items and wait_s:
            self.holding.set()
            self.arrival.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self.arrival.wait(), wait_s)
            page = await self.portal.download(limit=100, wait_s=0)
        items = b",".join(item.content for item in page.items)
        return b'{"items":[%b],"more":%b}' % (items, b"true" if page.more else b"false")

    async def _acknowledge(self, body: bytes) -> bytes:
        stored = AcknowledgementBatch.read(body).acknowledgements
        return BatchAnswer(results=await self.portal.acknowledge(stored)).wire()

    def _report(self, body: bytes) -> bytes:
        _, outcomes = read_page(body, "outcomes")
        results = self.portal.reports.take([one.content for one in outcomes])
        self.confirmed.set()
        return BatchAnswer(results=results).wire()


@dataclass
class AgencyServer:
    """An agency's system that takes pushes and keeps them, as read and as they came."""

    delivered: list[dict[str, object]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: web.Request, body: bytes) -> Reply:
        """Serve `deliverDispatches`."""
        self.bodies.append(body)
        results = []
        for one in orjson.loads(body)["dispatches"]:
            self.delivered.append(one)
            digest = digest_of_received(orjson.dumps(one), Dispatch.read)
            proof = receipt(one["dispatch_no"], "dispatch", digest)
            results.append({"status": "accepted", "receipt": proof})
        self.arrived.set()
        return 200, orjson.dumps({"results": results})
