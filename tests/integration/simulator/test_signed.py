"""What every signed interface of the simulator holds to, whatever the operation."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from contracts.verify.schema_validator import SchemaValidator
from schemas.reference.clock import utc_now
from schemas.signing import Link, Suite, new_key
from simulator.exchanges.calls import Answer, Call
from simulator.exchanges.events import EventLog
from simulator.exchanges.nonces import Nonces
from simulator.faults.registry import FaultRegistry
from simulator.timer import RealTimer
from simulator.web.problems import problems
from simulator.web.signed import SignedInterface
from tests.integration.simulator.docking import ProvinceSystem
from tests.support.raw_http import raw_connection, request_head
from tests.support.serving import served


@asynccontextmanager
async def serving(answer: Answer, *, body_s: float = 30.0) -> AsyncIterator[ProvinceSystem]:
    """Serve one operation that always gives `answer`."""
    key = new_key("caller", Suite.HMAC_SHA256)
    log = EventLog(utc_now)
    interface = SignedInterface(
        {"caller": Link(key, key)},
        validator=SchemaValidator.load(),
        now=utc_now,
        faults=FaultRegistry(
            lambda: log, redeliver=lambda _, numbers: list(numbers), timer=RealTimer()
        ),
        nonces=Nonces(),
        body_s=body_s,
    )

    async def operation(_: Call) -> Answer:
        return answer

    app = web.Application(middlewares=[problems])
    app.add_routes([web.route("*", "/it", interface.serve("ping", operation))])
    async with served(app) as url, aiohttp.ClientSession() as session:
        yield ProvinceSystem(session, url, key)


async def test_a_body_that_the_contract_does_not_publish_is_never_sent(
    caplog: pytest.LogCaptureFixture,
) -> None:
    wrong = Answer("pong", b'{"echo":"SECRET","at":"yesterday","contract":"1.0.0"}')
    with caplog.at_level(logging.ERROR):
        async with serving(wrong) as caller:
            reply = await caller.get("/it")

    assert (reply.status, reply.code(), reply.proven) == (500, "service.fault", True)
    assert b"SECRET" not in reply.body
    (record,) = [one for one in caplog.records if one.name == "simulator.web"]
    assert record.__dict__["facts"]["record"] == "pong"
    assert record.__dict__["facts"]["rule"].startswith("/properties/at/")
    assert "SECRET" not in str(record.__dict__)


async def test_a_body_that_is_published_is_sent_as_it_is() -> None:
    body = b'{"echo":"a","at":"2026-11-23T01:00:00Z","contract":"1.0.0"}'
    async with serving(Answer("pong", body)) as caller:
        assert (await caller.get("/it")).body == body


async def test_a_body_that_does_not_come_in_time_ends_the_connection() -> None:
    async with (
        asyncio.timeout(10),
        serving(Answer("pong", b"{}"), body_s=0.2) as caller,
        raw_connection(caller.base) as line,
    ):
        headers = {**caller.sign("POST", "/it", b"{}").headers, "Content-Length": "2"}
        line.send(request_head(caller.base, "POST", "/it", headers.items()) + b"{")

        assert await line.ended() == b""


async def test_a_compressed_body_is_refused_before_it_is_unpacked() -> None:
    async with serving(Answer("pong", b"{}")) as caller:
        request = caller.sign("POST", "/it", b"\x1f\x8b")
        request.headers["Content-Encoding"] = "gzip"
        reply = await caller.send(request)

    assert (reply.status, reply.code(), reply.proven) == (415, "message.unsupported-type", False)
