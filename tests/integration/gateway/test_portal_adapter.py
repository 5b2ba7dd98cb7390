"""The portal's adapter and its signed client: what is believed, and what any other answer means."""

import asyncio
from datetime import timedelta

import httpx
import orjson
import pytest
import respx
from aiohttp import web
from multidict import CIMultiDict

from gateway.adapters.aiohttp_transport import TlsFailed
from gateway.adapters.portal import HttpPortal
from gateway.adapters.push import HttpAgencySystem
from gateway.adapters.signed_client import SignedClient
from gateway.domain.outbox_rules import MessageKind
from gateway.errors import PageUnreadable, PeerFailure, PeerRefused, PeerUnavailable
from schemas.records.problems import Problem
from schemas.records.receipts import Acknowledgement, ItemStatus
from schemas.reference.clock import utc_now
from schemas.signing import Link, Target, verify_request
from tests.builders.records import application_json, dispatch_json, outcome_json
from tests.integration.gateway.answering import (
    BASE,
    KEY,
    NOW,
    OTHER,
    PROBLEM,
    Answering,
    a_portal,
    answering,
)
from tests.integration.gateway.peers import AgencyServer, PortalServer, receipt, signed_app
from tests.support.serving import served


def acknowledgement() -> Acknowledgement:
    return Acknowledgement(application_no="SY1", kind="application", stored_at=NOW)


async def test_the_whole_conversation_with_a_portal_on_a_real_socket() -> None:
    portal = PortalServer()
    portal.forward(application_json(), application_json(application_no="SY2", aac003="𠮷·买买提"))
    link = Link(KEY, KEY)
    async with (
        served(signed_app(link, portal.answer)) as url,
        SignedClient(url, link, peer="portal", now=utc_now) as client,
    ):
        adapter = HttpPortal(client)
        page = await adapter.download(limit=100, wait_s=0)
        await adapter.acknowledge([acknowledgement()])
        results = await adapter.upload(
            MessageKind.REPORT, [outcome_json(), outcome_json(application_no="SY2")]
        )
        await adapter.ping()

    assert [item.number() for item in page.items] == ["SY2026030200001", "SY2"]
    assert "𠮷·买买提" in page.items[1].content.decode()
    assert page.more is False
    assert portal.acknowledged == ["SY1"]
    assert [one.status for one in results] == [ItemStatus.ACCEPTED, ItemStatus.ACCEPTED]


async def test_dispatches_are_pushed_in_one_call_and_come_back_in_order() -> None:
    agency = AgencyServer()
    link = Link(KEY, KEY)
    async with (
        served(signed_app(link, agency.answer)) as url,
        SignedClient(url, link, peer="410105-01", now=utc_now) as client,
    ):
        results = await HttpAgencySystem(client, agency="410105-01").deliver(
            [dispatch_json(), dispatch_json(dispatch_no="D0-2")]
        )

    assert [one.receipt.key for one in results if one.receipt] == ["D0-1", "D0-2"]


async def test_a_malformed_item_is_marked_and_the_others_are_kept(
    respx_mock: respx.MockRouter,
) -> None:
    body = b'{"items":[{"application_no":"A","x":1,"x":2},' + application_json() + b'],"more":true}'
    respx_mock.get(f"{BASE}/national/v1/applications").mock(side_effect=answering(200, body))

    page = await a_portal().download(limit=2, wait_s=0)

    assert [item.error is not None for item in page.items] == [True, False]
    assert page.items[0].number() == "A"
    assert page.more is True


async def test_a_request_is_signed_and_bears_the_trace(respx_mock: respx.MockRouter) -> None:
    route = respx_mock.post(f"{BASE}/national/v1/applications/acknowledgements")
    given = receipt(acknowledgement().application_no, "application", "0" * 64)
    entry = orjson.dumps({"status": "accepted", "receipt": given})
    route.mock(side_effect=answering(200, b'{"results":[%b]}' % entry))

    (result,) = await a_portal().acknowledge([acknowledgement()])
    assert result.receipt is not None
    assert result.receipt.digest == "0" * 64

    sent = route.calls.last.request
    verified = verify_request(
        {KEY.key_id: Link(KEY, KEY)},
        Target.from_url("POST", str(sent.url)),
        CIMultiDict(sent.headers.items()),
        sent.content,
        now=NOW,
    )
    assert verified.expires - verified.created == timedelta(seconds=300)
    assert sent.headers["traceparent"].startswith("00-")
    assert sent.headers["User-Agent"] == "duijie"


@pytest.mark.parametrize("body", [b'{"results":[]}', b'{"results":[{}]}', b"{}", b"", b"[]"])
async def test_an_answer_without_an_entry_for_each_acknowledgement_is_none(
    respx_mock: respx.MockRouter, body: bytes
) -> None:
    route = respx_mock.post(f"{BASE}/national/v1/applications/acknowledgements")
    route.mock(side_effect=answering(200, body))
    with pytest.raises(PeerUnavailable) as failed:
        await a_portal().acknowledge([acknowledgement()])
    assert failed.value.answered


@pytest.mark.parametrize(
    "script",
    [
        answering(200, b'{"items":[],"more":false}', key=None),
        answering(200, b'{"items":[],"more":false}', key=OTHER),
        answering(200, b"<html>firewall</html>", media="text/html", key=None),
        answering(200, b"<html>firewall</html>", media="text/html"),
        answering(200, b'{"items":[],"more":false}', media="text/plain"),
        answering(200, '{"items":["张"]}'.encode("gbk")),
        answering(200, b'{"items":[]}'),
        answering(200, b'{"items":[],"more":"no"}'),
        answering(200, b'{"items":[1,2,3],"more":false}'),
        answering(200, b""),
        answering(307, b"", headers={"Location": "http://127.0.0.1:9/"}),
        answering(401, PROBLEM, media="application/problem+json"),
        answering(403, PROBLEM, media="application/problem+json"),
        answering(404, PROBLEM, media="application/problem+json"),
        answering(422, PROBLEM, media="application/problem+json", key=None),
        answering(500, b""),
        answering(503, b""),
    ],
)
async def test_what_cannot_be_believed_or_used_means_unknown(
    respx_mock: respx.MockRouter, script: Answering
) -> None:
    respx_mock.get(f"{BASE}/national/v1/applications").mock(side_effect=script)

    with pytest.raises(PeerUnavailable):
        await a_portal().download(limit=2, wait_s=0)


@pytest.mark.parametrize("status", [400, 409, 413, 422])
async def test_a_signed_no_to_the_message_is_a_refusal(
    respx_mock: respx.MockRouter, status: int
) -> None:
    respx_mock.post(f"{BASE}/national/v1/outcomes").mock(
        side_effect=answering(status, PROBLEM, media="application/problem+json")
    )

    with pytest.raises(PeerRefused, match=f"portal: answered {status} message.invalid"):
        await a_portal().upload(MessageKind.REPORT, [outcome_json()])


async def test_an_answer_to_another_request_is_not_believed(respx_mock: respx.MockRouter) -> None:
    body = b'{"items":[],"more":false}'
    first: list[httpx.Response] = []

    def repeat_the_first(request: httpx.Request) -> httpx.Response:
        if not first:
            first.append(answering(200, body)(request))
        return httpx.Response(200, content=body, headers=first[0].headers)

    respx_mock.get(f"{BASE}/national/v1/applications").mock(side_effect=repeat_the_first)
    portal = a_portal()
    await portal.download(limit=2, wait_s=0)

    with pytest.raises(PeerUnavailable, match=r"answer\.not-bound"):
        await portal.download(limit=2, wait_s=0)


@pytest.mark.parametrize(
    ("said", "expected"),
    [(b"message.invalid", "message.invalid"), (b"410105199003070011", ""), (b"no.such-code", "")],
)
async def test_a_code_that_is_not_in_the_catalogue_is_not_told(
    respx_mock: respx.MockRouter, said: bytes, expected: str
) -> None:
    body = PROBLEM.replace(b"message.invalid", said)
    respx_mock.post(f"{BASE}/national/v1/outcomes").mock(
        side_effect=answering(422, body, media="application/problem+json")
    )

    with pytest.raises(PeerRefused) as refused:
        await a_portal().upload(MessageKind.REPORT, [outcome_json()])

    assert refused.value.problem == expected
    assert said.decode() not in str(refused.value) or expected


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (httpx.ConnectError, PeerFailure.NO_ANSWER),
        (TlsFailed, PeerFailure.TLS),
        (httpx.ConnectTimeout, PeerFailure.CONNECT_TIMED_OUT),
        (httpx.ReadTimeout, PeerFailure.TIMED_OUT),
        (httpx.RemoteProtocolError, PeerFailure.NOT_HTTP),
        (httpx.ReadError, PeerFailure.NO_ANSWER),
    ],
)
async def test_no_answer_means_unknown_and_is_told_by_a_code(
    respx_mock: respx.MockRouter, error: type[httpx.TransportError], failure: PeerFailure
) -> None:
    respx_mock.post(f"{BASE}/national/v1/outcomes").mock(side_effect=error)

    with pytest.raises(PeerUnavailable) as unavailable:
        await a_portal().upload(MessageKind.REPORT, [outcome_json()])
    assert unavailable.value.failure is failure


@pytest.mark.parametrize(
    "body",
    [
        b'{"results":[]}',
        b"[]",
        b'{"results":[{"status":"accepted"}]}',
        b'{"results":[{"status":"accepted","receipt":{}}]}',
    ],
)
async def test_a_batch_answer_that_does_not_fit_means_unknown(
    respx_mock: respx.MockRouter, body: bytes
) -> None:
    respx_mock.post(f"{BASE}/national/v1/outcomes").mock(side_effect=answering(200, body))

    with pytest.raises(PeerUnavailable):
        await a_portal().upload(MessageKind.REPORT, [outcome_json()])


@pytest.mark.parametrize(
    "body", [b"{}", b'{"echo":"other","at":"2026-03-02T01:30:00Z","contract":"1"}']
)
async def test_a_ping_that_comes_back_changed_is_no_proof(
    respx_mock: respx.MockRouter, body: bytes
) -> None:
    respx_mock.post(f"{BASE}/national/v1/ping").mock(side_effect=answering(200, body))

    with pytest.raises(PeerUnavailable):
        await a_portal().ping()


async def test_a_dripping_answer_is_cut_at_the_total_deadline() -> None:
    dripped = asyncio.Event()

    async def drip(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        while True:
            await answer.write(b" ")
            dripped.set()
            await asyncio.Event().wait()

    app = web.Application()
    app.router.add_get("/national/v1/applications", drip)
    link = Link(KEY, KEY)
    async with (
        served(app) as url,
        SignedClient(url, link, peer="portal", now=lambda: NOW, call_s=1.0) as client,
    ):
        with pytest.raises(PeerUnavailable, match="no-answer-in-time"):
            await HttpPortal(client).download(limit=1, wait_s=0)

    assert dripped.is_set()


BROKEN = b'{"items": [{"kind":"application","application_no":"SY-BROKEN","a":{],"more":true}'


async def test_a_page_that_cannot_be_taken_apart_is_told_as_such(respx_mock: respx.Router) -> None:
    respx_mock.get(url__startswith=BASE).mock(side_effect=answering(200, BROKEN))
    with pytest.raises(PageUnreadable):
        await a_portal().download(limit=2, wait_s=0)


@pytest.mark.parametrize("body", [b"[", b'{"items":7', b'{"more":true}', b"\xff{}"])
async def test_a_page_of_one_without_an_item_to_blame_is_told_by_names_and_codes_alone(
    respx_mock: respx.Router, body: bytes
) -> None:
    respx_mock.get(url__startswith=BASE).mock(side_effect=answering(200, body))
    with pytest.raises(PageUnreadable) as raised:
        await a_portal().download(limit=1, wait_s=0)

    assert (raised.value.peer, raised.value.failure) == ("portal", PeerFailure.UNREADABLE)
    assert str(raised.value) == "portal: answer.unreadable"


async def test_a_page_of_one_that_breaks_its_brackets_is_one_malformed_item(
    respx_mock: respx.Router,
) -> None:
    respx_mock.get(url__startswith=BASE).mock(side_effect=answering(200, BROKEN))
    page = await a_portal().download(limit=1, wait_s=0)
    (item,) = page.items
    assert item.error is not None
    assert item.number() == "SY-BROKEN"
    assert item.content == b'{"kind":"application","application_no":"SY-BROKEN","a":{'
    assert page.more


async def test_the_positions_of_a_page_are_asked_for_and_go_with_its_items(
    respx_mock: respx.Router,
) -> None:
    route = respx_mock.get(url__startswith=BASE)
    body = b'{"positions":[7,9],"items":[{"a":1},{"application_no":"SY1"}],"more":false}'
    route.mock(side_effect=answering(200, body))
    page = await a_portal().download(limit=2, wait_s=0)
    assert [(one.number(), one.feed_position) for one in page.items] == [(None, 7), ("SY1", 9)]
    assert route.calls.last.request.url.params["positions"] == "1"


async def test_an_item_that_breaks_its_page_of_one_keeps_its_position(
    respx_mock: respx.Router,
) -> None:
    body = b'{"positions":[7],' + BROKEN.removeprefix(b"{")
    respx_mock.get(url__startswith=BASE).mock(side_effect=answering(200, body))
    (item,) = (await a_portal().download(limit=1, wait_s=0)).items
    assert item.feed_position == 7


@pytest.mark.parametrize("hidden", [b"1,2", b"1,", b'{"a":1},{"b":2}'])
async def test_an_item_that_hides_where_it_ends_is_isolated_and_has_its_position(
    respx_mock: respx.Router, hidden: bytes
) -> None:
    of_two = b'{"positions":[7,8],"items":[%b,{"c":3}],"more":false}' % hidden
    alone = b'{"positions":[7],"items":[%b],"more":true}' % hidden
    route = respx_mock.get(url__startswith=BASE)
    route.mock(side_effect=answering(200, of_two))
    with pytest.raises(PageUnreadable):
        await a_portal().download(limit=2, wait_s=0)
    route.mock(side_effect=answering(200, alone))
    (item,) = (await a_portal().download(limit=1, wait_s=0)).items
    assert (item.content, item.feed_position) == (hidden.strip(), 7)


async def test_an_item_of_no_bytes_at_all_has_its_position(respx_mock: respx.Router) -> None:
    alone = b'{"positions":[7],"items":[],"more":true}'
    respx_mock.get(url__startswith=BASE).mock(side_effect=answering(200, alone))
    (item,) = (await a_portal().download(limit=1, wait_s=0)).items
    assert (item.content, item.feed_position) == (b"", 7)


@pytest.mark.parametrize("positions", [b"[0]", b'["7"]', b"[7,7]", b"7", b"{}"])
async def test_positions_that_are_none_hold_up_no_item(
    respx_mock: respx.Router, positions: bytes
) -> None:
    body = b'{"positions":%b,"items":[{"application_no":"SY1"}],"more":false}' % positions
    respx_mock.get(url__startswith=BASE).mock(side_effect=answering(200, body))
    (item,) = (await a_portal().download(limit=1, wait_s=0)).items
    assert (item.number(), item.feed_position) == ("SY1", None)


@pytest.mark.parametrize(("status", "code"), [(404, "route.unknown"), (501, "operation.not-built")])
async def test_a_portal_that_does_not_take_returns_refuses_them_and_nothing_else(
    respx_mock: respx.Router, status: int, code: str
) -> None:
    problem = Problem(type=f"urn:duijie:problem:{code}", code=code, title="t", status=status)
    respx_mock.post(url__startswith=BASE).mock(
        side_effect=answering(status, problem.wire(), media="application/problem+json")
    )
    with pytest.raises(PeerRefused) as refused:
        await a_portal().upload(MessageKind.APPLICATION_RETURN, [b"{}"])
    assert refused.value.problem == code
    with pytest.raises(PeerUnavailable):
        await a_portal().upload(MessageKind.REPORT, [b"{}"])
