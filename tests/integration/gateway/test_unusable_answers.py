"""Why an answer is not used: each reason, of each call, in the log, on the case page, counted."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import httpx
import pytest
import respx
from aiohttp import web

from gateway.adapters.aiohttp_transport import TlsFailed
from gateway.adapters.ledger.store import LedgerStore, open_ledger
from gateway.errors import PeerFailure, PeerRefused, PeerUnavailable
from gateway.failure_words import FAILURES, explain_failure
from gateway.flows.relay import relay_dispatches, relay_reports
from gateway.jobs.intake import IntakeLoop
from gateway.jobs.relay import RelayLoop
from gateway.jobs.turn_failures import failure_facts
from gateway.metrics import Metrics
from gateway.ports.peers import PeerCall
from gateway.web.calls import Call
from gateway.web.console.pages import ConsoleApi
from schemas.signing import Key, Suite, new_key
from tests.builders.ledger import a_sealer
from tests.builders.records import JINSHUI, MORNING, application_json
from tests.integration.flows.desk import Desk
from tests.integration.gateway.answering import (
    BASE,
    EMPTY,
    KEY,
    OTHER,
    PROBLEM,
    Answering,
    answering,
    signed_for_no_request,
)
from tests.integration.gateway.calls import UPLOADS, call_peer, the_agency, the_portal
from tests.integration.gateway.harness import stack_of_two
from tests.integration.gateway.peers import PortalServer, signed_app
from tests.integration.gateway.test_loops import an_intake
from tests.support.clock import SettableClock
from tests.support.peers import ScriptedPortal
from tests.support.serving import served
from tests.support.stack import a_gateway
from tests.support.until import until

UNKNOWN_TO_THEM: Final = PROBLEM.replace(b"message.invalid", b"signature.unknown-key")
PROBLEM_TYPE: Final = "application/problem+json"


@dataclass(frozen=True)
class Unusable:
    """An answer, or none, and what it comes to."""

    script: Answering | type[Exception]
    failure: PeerFailure
    status: int = 0
    problem: str = ""


CASES: Final = {
    "not-reached": Unusable(httpx.ConnectError, PeerFailure.NO_ANSWER),
    "not-reached-in-time": Unusable(httpx.ConnectTimeout, PeerFailure.CONNECT_TIMED_OUT),
    "timed-out": Unusable(httpx.ReadTimeout, PeerFailure.TIMED_OUT),
    "tls": Unusable(TlsFailed, PeerFailure.TLS),
    "unsigned": Unusable(
        answering(200, EMPTY, key=None), PeerFailure.UNSIGNED, 200, "signature.missing"
    ),
    "unsigned-status": Unusable(
        answering(502, b"<html>", media="text/html", key=None),
        *(PeerFailure.UNSIGNED, 502, "signature.missing"),
    ),
    "unsigned-hint": Unusable(
        answering(401, UNKNOWN_TO_THEM, media=PROBLEM_TYPE, key=None),
        *(PeerFailure.UNSIGNED, 401, "signature.unknown-key"),
    ),
    "wrong-key": Unusable(
        answering(200, EMPTY, key=new_key("another", Suite.HMAC_SHA256)),
        *(PeerFailure.WRONG_KEY, 200, "signature.unknown-key"),
    ),
    "wrong-suite": Unusable(
        answering(200, EMPTY, key=Key.secret(KEY.key_id, Suite.HMAC_SM3, KEY.material)),
        *(PeerFailure.WRONG_KEY, 200, "signature.algorithm-mismatch"),
    ),
    "key-of-the-same-id": Unusable(
        answering(200, EMPTY, key=OTHER), PeerFailure.MISMATCH, 200, "signature.mismatch"
    ),
    "not-bound": Unusable(signed_for_no_request, PeerFailure.NOT_BOUND, 200, "answer.not-bound"),
    "bad-digest": Unusable(
        answering(200, EMPTY, headers={"Content-Digest": ""}),
        *(PeerFailure.MISMATCH, 200, "signature.mismatch"),
    ),
    "other-tag": Unusable(
        answering(200, EMPTY, headers={"Signature-Input": "duijie=();created=1"}),
        *(PeerFailure.NOT_BELIEVED, 200, "signature.wrong-tag"),
    ),
    "status": Unusable(answering(503, b"", media=PROBLEM_TYPE), PeerFailure.STATUS, 503),
    "not-json": Unusable(answering(200, EMPTY, media="text/plain"), PeerFailure.NOT_JSON, 200),
}
SHAPES: Final = {
    PeerCall.DOWNLOAD: answering(200, b'{"items":[],"more":"no"}'),
    PeerCall.PUBLISH: answering(
        200, b'{"division":"430000","version":1,"received":[],"parts":1,"in_force":false}'
    ),
    **dict.fromkeys((*UPLOADS, PeerCall.PUSH), answering(200, b'{"results":[]}')),
}

OVER_HTTP: Final = [call for call in PeerCall if call is not PeerCall.TABLES]
"""The rows of a database have failures of their own: `tests/storage` has those."""


@pytest.fixture
def metrics() -> Metrics:
    return Metrics(version="0", contract="0")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[LedgerStore]:
    opened = open_ledger(f"sqlite:///{tmp_path}/gateway.db", sealer=a_sealer(), now=lambda: MORNING)
    yield opened
    await opened.close()


def counted(metrics: Metrics) -> dict[tuple[str, str, str], float]:
    """Return what the metric says, by peer, operation and reason."""
    return {
        (one.labels["peer"], one.labels["operation"], one.labels["reason"]): one.value
        for family in metrics.registry.collect()
        for one in family.samples
        if one.name == "duijie_call_failures_total"
    }


def events(caplog: pytest.LogCaptureFixture, event: str) -> list[dict[str, object]]:
    return [vars(one)["facts"] for one in caplog.records if one.getMessage() == event]


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
@pytest.mark.parametrize("call", OVER_HTTP)
async def test_every_reason_of_every_call_is_a_code_and_is_counted(
    respx_mock: respx.MockRouter,
    metrics: Metrics,
    caplog: pytest.LogCaptureFixture,
    call: PeerCall,
    case: Unusable,
) -> None:
    respx_mock.route(url__startswith=BASE).mock(side_effect=case.script)

    with pytest.raises(PeerUnavailable) as unusable:
        await call_peer(call, metrics)

    found = unusable.value
    assert (found.failure, found.status, found.problem) == (
        case.failure,
        case.status,
        case.problem,
    )
    facts = failure_facts(found)
    assert (facts["reason"], facts["operation"]) == (case.failure, call)
    peer = JINSHUI if call is PeerCall.PUSH else "portal"
    assert counted(metrics) == {(peer, call, case.failure): 1}
    assert bool(events(caplog, "answer.not-bound")) is (case.failure is PeerFailure.NOT_BOUND)


@pytest.mark.parametrize(("call", "script"), SHAPES.items())
async def test_an_answer_of_the_wrong_shape_is_counted_as_one_that_does_not_fit(
    respx_mock: respx.MockRouter, metrics: Metrics, call: PeerCall, script: Answering
) -> None:
    respx_mock.route(url__startswith=BASE).mock(side_effect=script)
    with pytest.raises(PeerUnavailable):
        await call_peer(call, metrics)
    peer = JINSHUI if call is PeerCall.PUSH else "portal"
    assert counted(metrics) == {(peer, call, PeerFailure.UNFIT): 1}


@pytest.mark.parametrize(
    "call", [PeerCall.STATEMENT, PeerCall.CODE_TABLES, PeerCall.DIVISIONS, PeerCall.REPORT]
)
async def test_an_answer_that_is_another_record_is_counted_as_one_that_cannot_be_read(
    respx_mock: respx.MockRouter, metrics: Metrics, call: PeerCall
) -> None:
    respx_mock.route(url__startswith=BASE).mock(side_effect=answering(200, b'{"results":{}}'))
    with pytest.raises(PeerUnavailable):
        await call_peer(call, metrics)
    assert counted(metrics) == {("portal", call, PeerFailure.UNREADABLE): 1}


async def test_a_signed_no_is_counted_by_its_own_code_and_a_good_answer_not_at_all(
    respx_mock: respx.MockRouter, metrics: Metrics
) -> None:
    route = respx_mock.route(url__startswith=BASE)
    route.mock(side_effect=answering(422, PROBLEM, media=PROBLEM_TYPE))
    with pytest.raises(PeerRefused) as refused:
        await call_peer(PeerCall.REPORT, metrics)
    route.mock(side_effect=answering(200, b'{"items":[],"more":false}'))
    await call_peer(PeerCall.DOWNLOAD, metrics)

    assert refused.value.operation == PeerCall.REPORT
    assert counted(metrics) == {("portal", PeerCall.REPORT, "peer.refused"): 1}


async def test_a_page_in_another_encoding_is_counted_as_a_download(
    store: LedgerStore, metrics: Metrics, caplog: pytest.LogCaptureFixture
) -> None:
    items = [application_json(application_no=f"SY-{n}") for n in range(10)]
    portal = ScriptedPortal(feed=[item.decode().encode("gb18030") for item in items])
    intake: IntakeLoop = an_intake(portal, store, metrics)

    await intake.turn()

    assert counted(metrics) == {("portal", PeerCall.DOWNLOAD, PeerFailure.NOT_UTF8): 1}
    [said] = events(caplog, "intake.failed")
    assert (said["operation"], said["reason"]) == (PeerCall.DOWNLOAD, PeerFailure.NOT_UTF8)


# Bound to another request


async def test_an_answer_that_comes_a_second_time_belongs_to_another_request(
    respx_mock: respx.MockRouter, metrics: Metrics, caplog: pytest.LogCaptureFixture
) -> None:
    kept: list[httpx.Response] = []

    def repeat_the_first(request: httpx.Request) -> httpx.Response:
        kept.append(answering(200, b'{"items":[],"more":false}')(request))
        return httpx.Response(200, content=kept[0].content, headers=kept[0].headers)

    respx_mock.route(url__startswith=BASE).mock(side_effect=repeat_the_first)
    portal = the_portal(metrics)
    await portal.download(limit=1, wait_s=0)
    with pytest.raises(PeerUnavailable):
        await portal.download(limit=1, wait_s=0)

    assert counted(metrics) == {("portal", PeerCall.DOWNLOAD, PeerFailure.NOT_BOUND): 1}
    [said] = events(caplog, "answer.not-bound")
    assert said == {"peer": "portal", "operation": "downloadApplications", "status": 200}
    assert [one.levelno for one in caplog.records if one.getMessage() == "answer.not-bound"] == [
        logging.ERROR
    ]


async def test_answers_that_are_exchanged_on_the_way_belong_to_another_request(
    respx_mock: respx.MockRouter, metrics: Metrics
) -> None:
    waiting: list[httpx.Request] = []
    both = asyncio.Event()

    async def exchange(request: httpx.Request) -> httpx.Response:
        waiting.append(request)
        if len(waiting) == 2:
            both.set()
        await both.wait()
        other = next(one for one in waiting if one is not request)
        return answering(200, b'{"items":[],"more":false}')(other)

    respx_mock.route(url__startswith=BASE).mock(side_effect=exchange)
    portal = the_portal(metrics)
    calls = (portal.download(limit=1, wait_s=0) for _ in range(2))
    raised = await asyncio.gather(*calls, return_exceptions=True)

    assert [type(one) for one in raised] == [PeerUnavailable, PeerUnavailable]
    assert counted(metrics) == {("portal", PeerCall.DOWNLOAD, PeerFailure.NOT_BOUND): 2}


async def test_an_answer_to_nobody_we_know_of_is_a_mismatch_and_no_security_event(
    respx_mock: respx.MockRouter, metrics: Metrics, caplog: pytest.LogCaptureFixture
) -> None:
    foreign = httpx.Request("GET", BASE, headers={"Signature": "duijie=:b3RoZXI=:"})
    respx_mock.route(url__startswith=BASE).mock(
        side_effect=lambda _: answering(200, EMPTY)(foreign)
    )
    with pytest.raises(PeerUnavailable):
        await the_portal(metrics).download(limit=1, wait_s=0)

    assert counted(metrics) == {("portal", PeerCall.DOWNLOAD, PeerFailure.MISMATCH): 1}
    assert events(caplog, "answer.not-bound") == []


async def test_whoever_has_no_key_cannot_make_an_answer_look_bound_elsewhere(
    respx_mock: respx.MockRouter, metrics: Metrics, caplog: pytest.LogCaptureFixture
) -> None:
    forge: Callable[[httpx.Request], httpx.Response] = partial(signed_for_no_request, key=OTHER)
    respx_mock.route(url__startswith=BASE).mock(side_effect=forge)
    with pytest.raises(PeerUnavailable) as unusable:
        await the_portal(metrics).download(limit=1, wait_s=0)

    assert unusable.value.problem == "signature.component-missing"
    assert events(caplog, "answer.not-bound") == []


# On the page of the case, and in the log of the loop


async def page_of(store: LedgerStore, desk: Desk) -> str:
    console = ConsoleApi(store=store, rules=desk.rules, now=desk.clock)
    return (await console.case(Call({}, {"key": "SY1"}))).body.decode()


@pytest.mark.parametrize("call", [PeerCall.PUSH, PeerCall.REPORT])
async def test_the_page_of_the_case_says_in_chinese_why_and_what_to_do(
    respx_mock: respx.MockRouter,
    store: LedgerStore,
    metrics: Metrics,
    caplog: pytest.LogCaptureFixture,
    call: PeerCall,
) -> None:
    clock = SettableClock()
    desk = Desk(store, clock)
    await desk.pull(application_json(application_no="SY1"))
    if call is PeerCall.REPORT:
        await desk.decide(await desk.outcome("SY1"))
    route = respx_mock.route(url__startswith=BASE)
    relay = (
        partial(relay_dispatches, JINSHUI, the_agency(metrics))
        if call is PeerCall.PUSH
        else partial(relay_reports, the_portal(metrics))
    )
    peer = JINSHUI if call is PeerCall.PUSH else "portal"
    send = partial(relay, store=store, now=clock, jitter=lambda: 0.0)

    for name, case in CASES.items():
        caplog.clear()
        clock.forward(hours=2)
        route.mock(side_effect=case.script)
        loop = RelayLoop(peer, send, now=clock, jitter=lambda: 0.0, metrics=metrics)
        await loop.turn()

        [said] = events(caplog, "batch.relayed")
        assert (said["operation"], said["reason"]) == (call, case.failure), name
        words = explain_failure(case.failure, case.status, case.problem)
        text = await page_of(store, desk)
        assert FAILURES[case.failure].title in words.title
        assert f"{words.title}。处理办法：{words.cure}".replace('"', "&#34;") in text, name
        assert (str(case.status) in words.title) is bool(case.status)

    clock.forward(hours=2)
    desk.jitter = lambda: 0.0
    assert (await (desk.push() if call is PeerCall.PUSH else desk.report())).settled == 1
    assert "处理办法：" not in await page_of(store, desk)


@pytest.mark.parametrize("failure", PeerFailure)
@pytest.mark.parametrize(("status", "problem"), [(0, ""), (401, "signature.expired"), (9, "x")])
def test_every_reason_has_a_title_a_cause_and_a_cure(
    failure: PeerFailure, status: int, problem: str
) -> None:
    words = explain_failure(failure, status, problem)
    assert all((words.title, words.cause, words.cure))
    assert failure not in words.title


async def test_a_running_gateway_counts_what_its_own_calls_come_to(tmp_path: Path) -> None:
    stack, portal = stack_of_two(tmp_path), PortalServer()
    portal.forward(application_json(application_no="SY1"))

    async def refuse_acknowledgements(request: web.Request, body: bytes) -> tuple[int, bytes]:
        if request.path.endswith("acknowledgements"):
            return 503, b""
        return await portal.answer(request, body)

    docked = stack.portal()
    app = signed_app(docked.of_answerer(), refuse_acknowledgements)
    async with (
        asyncio.timeout(30),
        served(app, docked.port),
        a_gateway(stack.gateway_settings()) as gateway,
    ):
        expected = {
            ("portal", PeerCall.ACKNOWLEDGE, PeerFailure.STATUS),
            (JINSHUI, PeerCall.PUSH, PeerFailure.NO_ANSWER),  # nobody listens there
        }
        await until(lambda: expected <= counted(gateway.metrics).keys(), "both are counted")
