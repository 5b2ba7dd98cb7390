"""What passes before the handlers: what it consumes, tells of a defect, and cuts."""

import asyncio
import io
import logging
from pathlib import Path

import orjson
import pytest

from gateway.errors import RequestRefused
from gateway.logs import write_logs
from gateway.ports.ledger import Ledger
from gateway.web.calls import Answer, SignedCall
from storage.errors import StoreUnavailable
from storage.reasons import StoreReason
from tests.integration.gateway.acting import BODY, PATH, acting, an_effect
from tests.support.raw_http import body_headers, raw_connection, request_head


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
    assert failed["where"].startswith("gateway.web.request_pipeline:")
    assert orjson.loads(answered.body)["trace_id"] == failed["trace_id"]
    for text in (answered.body.decode(), lines.getvalue()):
        assert "张伟" not in text
        assert "41010519900307000X" not in text


async def test_a_store_out_of_order_says_when_to_come_again(tmp_path: Path) -> None:
    async def find_it_full(call: SignedCall) -> Answer:
        raise StoreUnavailable(StoreReason.CLOSING.at())

    async with asyncio.timeout(20), acting(tmp_path, find_it_full) as act:
        answered = await act.client.call("POST", PATH, BODY)

    assert (answered.status, answered.code) == (503, "service.unavailable")
    assert answered.headers["Retry-After"] == "1"


async def test_a_body_that_does_not_come_is_cut(tmp_path: Path) -> None:
    async def never(call: SignedCall) -> Answer:
        raise AssertionError("there was no whole request")

    async with asyncio.timeout(20), acting(tmp_path, never, body_s=0.05) as act:
        signed = act.client.sign("POST", PATH, BODY)
        async with raw_connection(act.client.base) as line:
            line.send(request_head(act.client.base, "POST", PATH, body_headers(BODY, signed)))
            line.send(BODY[:-1])
            assert await line.ended() == b""

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
