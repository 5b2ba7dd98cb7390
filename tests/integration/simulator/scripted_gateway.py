"""A gateway played by the test: hands out dispatches, takes results, and answers as scripted."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal

import aiohttp
import orjson
from aiohttp import web

from schemas.records.applications import ForwardedApplication
from schemas.records.base import WireModel
from schemas.records.canonical_form import content_digest
from schemas.records.dispatches import Dispatch, DispatchPage, RoutedBy
from schemas.records.outcomes import Outcome
from schemas.records.problems import Problem
from schemas.records.receipts import (
    BatchAnswer,
    DispatchAcknowledgementBatch,
    ItemResult,
    ItemStatus,
    Receipt,
)
from schemas.records.returns import DispatchReturn
from schemas.reference.clock import utc_now
from schemas.signing import Key, Link, Target, sign_answer, sign_request, verify_request
from tests.support.serving import served
from tests.unit.contracts.records import APPLICATION, spoiled

AGENCY = "4101000001"


def a_dispatch(
    number: str = "D-1", *, application_no: str = "SYDJ-1", agency: str = AGENCY
) -> Dispatch:
    """Return a dispatch of one application to one agency."""
    record = spoiled(APPLICATION, application_no=application_no, trace_id="ab" * 16)
    return Dispatch(
        dispatch_no=number,
        agency_code=agency,
        dispatched_at=utc_now(),
        due_rule="人社厅发〔2020〕79号",
        routed_by=RoutedBy(rule="exact", place_division="410102", matched_division="410102"),
        application=ForwardedApplication.read(orjson.dumps(record)),
    )


def a_problem(code: str, status: int) -> Problem:
    """Return a problem body."""
    return Problem(type=f"urn:duijie:problem:{code}", code=code, title="拒绝", status=status)


def a_receipt(outcome: Outcome) -> Receipt:
    """Return the receipt for a result."""
    return _receipt(outcome.key, "outcome", outcome.revision, content_digest(outcome))


def _receipt(
    key: str, kind: Literal["outcome", "dispatch", "return"], revision: int, digest: str
) -> Receipt:
    return Receipt(
        receipt_no=digest[:24],
        key=key,
        kind=kind,
        revision=revision,
        digest=digest,
        received_at=utc_now(),
    )


@dataclass
class ScriptedGateway:
    """`script` holds what happens to the next submissions: "cut", "503", "unsigned", or codes.

    A submission without a script is accepted; one that came before, a duplicate. `doubtful` says
    how the next acknowledgements are answered, though the dispatch stays on offer: "refused",
    "fewer", or with the "other receipt".
    """

    key: Key
    base: str = ""
    script: deque[str] = field(default_factory=deque)
    offered: dict[str, Dispatch] = field(default_factory=dict)
    offers: int = 0
    doubtful: list[str] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)
    submissions: list[list[Outcome]] = field(default_factory=list)
    returned: list[DispatchReturn] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    traces: list[str | None] = field(default_factory=list)
    taken: dict[str, Receipt] = field(default_factory=dict)
    moved: asyncio.Event = field(default_factory=asyncio.Event)

    async def until_taken(self, count: int) -> None:
        """Wait until `count` results were answered for good."""
        async with asyncio.timeout(10):
            while len(self.taken) < count:
                await self.moved.wait()
                self.moved.clear()

    async def push(self, session: aiohttp.ClientSession, url: str, body: bytes) -> bytes:
        """Push a batch to an agency and return the body of its answer 200."""
        signed = sign_request(
            self.key,
            Target.from_url("POST", url),
            body=body,
            content_type="application/json",
            now=utc_now(),
        )
        headers = {"Content-Type": "application/json", **signed.headers}
        async with session.post(url, data=body, headers=headers) as answer:
            assert answer.status == 200, await answer.read()
            assert "Signature" in answer.headers
            return await answer.read()

    async def fetch(self, request: web.Request) -> web.Response:
        """`fetchDispatches`: what is offered; held open while there is nothing."""
        signature = await self._verified(request)
        while not self.offered:
            await self.moved.wait()
            self.moved.clear()
        self.offers += 1
        return self._signed(
            signature, DispatchPage(dispatches=tuple(self.offered.values()), more=False)
        )

    async def acknowledge(self, request: web.Request) -> web.Response:
        """`acknowledgeDispatches`."""
        signature = await self._verified(request)
        batch = DispatchAcknowledgementBatch.read(await request.read())
        results: list[ItemResult] = []
        if self.doubtful:
            return self._signed(signature, _doubtful(batch, self.doubtful.pop(0)))
        for one in batch.acknowledgements:
            self.acknowledged.append(one.dispatch_no)
            offered = self.offered.pop(one.dispatch_no, None)
            digest = "0" * 64 if offered is None else content_digest(offered)
            receipt = _receipt(one.dispatch_no, "dispatch", 1, digest)
            results.append(ItemResult(status=ItemStatus.ACCEPTED, receipt=receipt))
        return self._signed(signature, BatchAnswer(results=tuple(results)))

    async def take_back(self, request: web.Request) -> web.Response:
        """`returnDispatches`: each once, or as the script has it."""
        signature = await self._verified(request)
        body = await request.read()
        self.bodies.append(body)
        act = self.script.popleft() if self.script else "take"
        results = []
        for one in orjson.loads(body)["returns"]:
            record = DispatchReturn.read(orjson.dumps(one))
            digest = "0" * 64 if act == "other receipt" else content_digest(record)
            receipt = _receipt(record.dispatch_no, "return", 1, digest)
            status = ItemStatus.DUPLICATE if record in self.returned else ItemStatus.ACCEPTED
            self.returned.append(record)
            results.append(ItemResult(status=status, receipt=receipt))
        if act == "cut":
            assert request.transport is not None
            request.transport.abort()
        return self._signed(signature, BatchAnswer(results=tuple(results)))

    async def submit(self, request: web.Request) -> web.Response:
        """`submitOutcomes`, as the script has it."""
        signature = await self._verified(request)
        body = await request.read()
        outcomes = [Outcome.read(orjson.dumps(one)) for one in orjson.loads(body)["outcomes"]]
        self.submissions.append(outcomes)
        self.bodies.append(body)
        self.traces.append(request.headers.get("traceparent"))
        act = self.script.popleft() if self.script else "take"
        self.moved.set()
        if act == "503":
            return self._signed(signature, a_problem("service.unavailable", 503), status=503)
        results = [self._result(one, act) for one in outcomes]
        if act == "cut":
            assert request.transport is not None
            request.transport.abort()
        if act == "unsigned":
            return web.json_response({"results": []})
        if act == "fewer":
            results.pop()
        return self._signed(signature, BatchAnswer(results=tuple(results)))

    def _result(self, outcome: Outcome, act: str) -> ItemResult:
        if "." in act:
            if not act.startswith("service.") and act != "outcome.dated-ahead":
                self.taken[outcome.key] = a_receipt(outcome)
            return ItemResult(status=ItemStatus.REFUSED, problem=a_problem(act, 409))
        status = ItemStatus.DUPLICATE if outcome.key in self.taken else ItemStatus.ACCEPTED
        receipt = self.taken.setdefault(outcome.key, a_receipt(outcome))
        if act == "other receipt":
            receipt = receipt.model_copy(update={"digest": "0" * 64})
        return ItemResult(status=status, receipt=receipt)

    async def _verified(self, request: web.Request) -> str:
        target = Target.received(request.method, request.host, request.raw_path)
        links = {self.key.key_id: Link(self.key, self.key)}
        body = await request.read()
        return verify_request(links, target, request.headers, body, now=utc_now()).signature

    def _signed(self, signature: str, record: WireModel, *, status: int = 200) -> web.Response:
        body = record.wire()
        headers = sign_answer(
            self.key, status=status, body=body, request_signature=signature, now=utc_now()
        )
        return web.Response(
            body=body, status=status, content_type="application/json", headers=headers
        )


@asynccontextmanager
async def scripted_gateway(key: Key) -> AsyncIterator[ScriptedGateway]:
    """Serve a scripted gateway on a free port."""
    gateway = ScriptedGateway(key)
    app = web.Application()
    app.add_routes(
        [
            web.get("/agency/v1/dispatches", gateway.fetch),
            web.post("/agency/v1/dispatches/acknowledgements", gateway.acknowledge),
            web.post("/agency/v1/dispatches/returns", gateway.take_back),
            web.post("/agency/v1/outcomes", gateway.submit),
        ]
    )
    async with served(app, finish_s=0.1) as gateway.base:
        yield gateway


def _doubtful(batch: DispatchAcknowledgementBatch, act: str) -> BatchAnswer:
    """Return an answer to acknowledgements that confirms none of them."""
    refused = ItemResult(status=ItemStatus.REFUSED, problem=a_problem("dispatch.unknown", 404))
    others = tuple(
        ItemResult(
            status=ItemStatus.ACCEPTED,
            receipt=_receipt(one.dispatch_no, "dispatch", 1, "0" * 64),
        )
        for one in batch.acknowledgements
    )
    results = {"refused": (refused,) * len(others), "fewer": others[1:], "other receipt": others}
    return BatchAnswer(results=results[act])
