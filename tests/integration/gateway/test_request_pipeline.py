"""What passes before the handlers: what it consumes, tells of a defect, and cuts."""

import asyncio
import io
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import orjson
import pytest

from gateway.adapters.ledger.store import open_ledger
from gateway.errors import RequestRefused
from gateway.logs import write_logs
from gateway.metrics import Metrics
from gateway.ports.ledger import Ledger
from gateway.ports.quarantine import QuarantinedItem
from gateway.ports.store import Store
from gateway.web.calls import Answer, SignedCall
from gateway.web.connection_limiter import ConnectionLimiter
from gateway.web.endpoints import SignedEndpoint
from gateway.web.keyring import Caller, Keyring, Role
from gateway.web.listen_address import TcpAddress
from gateway.web.listener import Listener
from gateway.web.request_pipeline import RequestPipeline
from gateway.web.signatures import Signatures
from schemas.reference.clock import utc_now
from schemas.signing import Link, Suite, Window, new_key
from storage import sealing_keys
from storage.errors import StoreUnavailable
from storage.sealing import Sealer
from tests.builders.records import JINSHUI, MORNING
from tests.support.signing_client import SigningClient

KEY = new_key("key-agency", Suite.ED25519)
PATH = "/agency/v1/act"
BODY = b'{"a":1}'


@dataclass
class Acting:
    """A pipeline before one endpoint, and what the test plans for it."""

    store: Store
    metrics: Metrics
    client: SigningClient

    async def kept(self) -> int:
        """Return how many effects there are."""
        return len(await self.store.read(lambda views: views.quarantined(limit=100)))


Plan = Callable[[SignedCall], Awaitable[Answer]]


@asynccontextmanager
async def acting(folder: Path, plan: Plan, *, body_s: float = 30.0) -> AsyncIterator[Acting]:
    """Serve one endpoint that does as planned."""
    sealer = Sealer(sealing_keys.create(folder / "ledger.json"))
    store = open_ledger(f"sqlite:///{folder}/gateway.db", sealer=sealer, now=utc_now)
    metrics = Metrics(version="0", contract="0")
    limiter = ConnectionLimiter(metrics)
    link = Link(KEY, KEY.public_half())
    keyring = Keyring.of([Caller(Role.AGENCY, JINSHUI, link)], utc_now)
    pipeline = RequestPipeline(
        store=store,
        signatures=Signatures(keyring, Window()),
        metrics=metrics,
        limiter=limiter,
        body_s=body_s,
    )
    endpoint = SignedEndpoint("act", "POST", PATH, frozenset({Role.AGENCY}), plan)
    app = pipeline.application([endpoint])
    listener = await Listener.open(
        app, limiter, address=TcpAddress("127.0.0.1", 0), setting="listen", finish_s=1
    )
    try:
        async with aiohttp.ClientSession() as session:
            yield Acting(store, metrics, SigningClient(listener.url, link, session))
    finally:
        await listener.finish()
        await store.close()


def an_effect(ledger: Ledger) -> None:
    """Leave something in the ledger, once per transaction."""
    item = QuarantinedItem(JINSHUI, None, "test", "an effect", "0" * 64, b"x", MORNING)
    ledger.quarantine.add([item])


async def test_the_effect_and_the_consumed_nonce_are_one_transaction(tmp_path: Path) -> None:
    async def take_effect(call: SignedCall) -> Answer:
        await call.store.transact(an_effect)
        return Answer(b"{}")

    async with asyncio.timeout(20), acting(tmp_path, take_effect) as act:
        signed = act.client.sign("POST", PATH, BODY)
        statuses = [
            (await act.client.send("POST", PATH, BODY, signed.headers)).status for _ in range(3)
        ]

        assert statuses == [200, 401, 401]
        assert await act.kept() == 1


async def test_what_fails_leaves_no_effect_and_cannot_be_replayed(tmp_path: Path) -> None:
    async def fail_inside(call: SignedCall) -> Answer:
        def work(ledger: Ledger) -> None:
            an_effect(ledger)
            raise RequestRefused("case.unknown", "after all")

        await call.store.transact(work)
        return Answer(b"{}")

    async with asyncio.timeout(20), acting(tmp_path, fail_inside) as act:
        signed = act.client.sign("POST", PATH, BODY)
        first = await act.client.send("POST", PATH, BODY, signed.headers)
        again = await act.client.send("POST", PATH, BODY, signed.headers)

        assert (first.code, again.code) == ("case.unknown", "signature.replayed")
        assert await act.kept() == 0


async def test_a_second_transaction_of_a_request_does_not_count_as_a_replay(
    tmp_path: Path,
) -> None:
    async def twice(call: SignedCall) -> Answer:
        await call.store.transact(an_effect)
        await call.store.transact(an_effect)
        return Answer(b"{}")

    async with asyncio.timeout(20), acting(tmp_path, twice) as act:
        assert (await act.client.call("POST", PATH, BODY)).status == 200


async def test_a_defect_answers_500_and_tells_no_value_to_anyone(tmp_path: Path) -> None:
    root, ours = logging.getLogger(), logging.getLogger("gateway")
    before = (list(root.handlers), root.level, ours.level)
    lines = io.StringIO()
    write_logs("info", lines)

    async def stumble(call: SignedCall) -> Answer:
        raise KeyError("张伟 41010519900307000X")

    async with asyncio.timeout(20), acting(tmp_path, stumble) as act:
        answered = await act.client.call("POST", PATH, BODY)
    root.handlers[:] = before[0]
    root.setLevel(before[1])
    ours.setLevel(before[2])

    logged = [orjson.loads(line) for line in lines.getvalue().splitlines()]
    (failed,) = [line for line in logged if line["event"] == "request.failed"]
    assert (answered.status, answered.code) == (500, "service.fault")
    assert (failed["error"], failed["operation"]) == ("KeyError", "act")
    assert failed["where"].partition(":")[0].endswith("signed")
    assert orjson.loads(answered.body)["trace_id"] == failed["trace_id"]
    for text in (answered.body.decode(), lines.getvalue()):
        assert "张伟" not in text
        assert "41010519900307000X" not in text


async def test_a_store_out_of_order_says_when_to_come_again(tmp_path: Path) -> None:
    async def find_it_full(call: SignedCall) -> Answer:
        raise StoreUnavailable("disk full")

    async with asyncio.timeout(20), acting(tmp_path, find_it_full) as act:
        answered = await act.client.call("POST", PATH, BODY)

    assert (answered.status, answered.code) == (503, "service.unavailable")
    assert answered.headers["Retry-After"] == "1"


async def test_a_body_that_does_not_come_is_cut(tmp_path: Path) -> None:
    async def never(call: SignedCall) -> Answer:
        raise AssertionError("there was no whole request")

    async with asyncio.timeout(20), acting(tmp_path, never, body_s=0.05) as act:
        parts = urlsplit(act.client.base)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        writer.write(
            b"POST /agency/v1/act HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
            b"Content-Length: 100\r\n\r\nhalf"
        )
        with suppress(ConnectionError):
            assert await reader.read() == b""
        writer.close()

        figure = act.metrics.registry.get_sample_value(
            "duijie_connections_cut_total", {"reason": "slow-body"}
        )
        assert figure == 1


@pytest.mark.parametrize("clients", [64])
async def test_many_at_once_each_get_their_own_answer(tmp_path: Path, clients: int) -> None:
    async def echo(call: SignedCall) -> Answer:
        await call.store.transact(an_effect)
        return Answer(call.body)

    async with asyncio.timeout(30), acting(tmp_path, echo) as act:
        answers = await asyncio.gather(
            *(act.client.call("POST", PATH, b'{"n":%d}' % n) for n in range(clients))
        )

    assert [orjson.loads(one.body)["n"] for one in answers] == list(range(clients))
