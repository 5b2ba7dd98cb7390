"""Times in answers: the wait a peer asks for, and how far its clock is from ours."""

from datetime import timedelta

import httpx
import pytest
import respx

from gateway.adapters.portal import HttpPortal
from gateway.adapters.signed_client import SignedClient
from gateway.errors import PeerUnavailable
from gateway.jobs.turn_failures import failure_facts
from schemas.signing import Key, Link
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


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("999999999999", 3600.0),
        ("Mon, 02 Mar 2026 01:31:00 GMT", 60.0),
        ("Mon, 02 Mar 2026 01:00:00 GMT", 0.0),
        ("Tue, 03 Mar 2026 01:30:00 GMT", 3600.0),
        ("soon", None),
        ("-5", None),
        ("Mon, 02 Mar 2026 01:31:00 -0000", None),
        ("", None),
    ],
)
async def test_a_wait_under_the_signature_is_read_and_bounded(
    respx_mock: respx.MockRouter, said: str, seconds: float | None
) -> None:
    respx_mock.get(f"{BASE}/national/v1/applications").mock(
        side_effect=answering(503, b"", retry_after=said)
    )

    with pytest.raises(PeerUnavailable) as unavailable:
        await a_portal().download(limit=2, wait_s=0)

    assert unavailable.value.retry_after_s == seconds


@pytest.mark.parametrize(
    "script",
    [
        answering(503, b"", headers={"Retry-After": "600"}),  # signed, but the wait is anybody's
        answering(503, b"", headers={"Retry-After": "600"}, key=None),
        answering(503, b"", retry_after="600", key=OTHER),
        answering(503, b"", retry_after="1", headers={"Retry-After": "600"}),
    ],
    ids=["not-covered", "unsigned", "another-key", "altered"],
)
async def test_a_wait_that_the_signature_does_not_cover_counts_as_none(
    respx_mock: respx.MockRouter, script: Answering
) -> None:
    respx_mock.get(f"{BASE}/national/v1/applications").mock(side_effect=script)

    with pytest.raises(PeerUnavailable) as unavailable:
        await a_portal().download(limit=2, wait_s=0)

    assert unavailable.value.retry_after_s is None


EXPIRED = PROBLEM.replace(b"message.invalid", b"signature.expired")


@pytest.mark.parametrize("key", [None, KEY], ids=["unsigned", "signed"])
@pytest.mark.parametrize(
    ("date", "skew_s"),
    [
        ("Mon, 02 Mar 2026 01:36:52 GMT", 412),
        ("Mon, 02 Mar 2026 01:20:00 GMT", -600),
        ("Mon, 02 Mar 99999 01:20:00 GMT", None),
        ("soon", None),
    ],
)
async def test_a_refusal_for_the_sake_of_time_tells_how_far_the_clocks_differ(
    respx_mock: respx.MockRouter, key: Key | None, date: str, skew_s: int | None
) -> None:
    script = answering(
        401, EXPIRED, media="application/problem+json", key=key, headers={"Date": date}
    )
    respx_mock.get(f"{BASE}/national/v1/applications").mock(side_effect=script)

    with pytest.raises(PeerUnavailable) as unavailable:
        await a_portal().download(limit=2, wait_s=0)

    assert (unavailable.value.problem, unavailable.value.skew_s) == ("signature.expired", skew_s)
    assert failure_facts(unavailable.value).get("skew_s") == skew_s


async def test_an_answer_signed_long_ago_tells_how_far_the_clocks_differ(
    respx_mock: respx.MockRouter,
) -> None:
    script = answering(200, b"{}", headers={"Date": "Mon, 02 Mar 2026 01:30:00 GMT"})
    respx_mock.get(f"{BASE}/national/v1/applications").mock(side_effect=script)
    late = NOW + timedelta(hours=1)
    client = SignedClient(BASE, Link(KEY, KEY), peer="portal", now=lambda: late)

    with pytest.raises(PeerUnavailable) as unavailable:
        await HttpPortal(client).download(limit=2, wait_s=0)

    assert (unavailable.value.problem, unavailable.value.skew_s) == ("signature.expired", -3600)


async def test_two_dates_are_no_date(respx_mock: respx.MockRouter) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        dates = [
            ("Date", "Mon, 02 Mar 2026 01:20:00 GMT"),
            ("Date", "Mon, 02 Mar 2026 01:30:00 GMT"),
        ]
        return httpx.Response(401, content=EXPIRED, headers=dates)

    respx_mock.get(f"{BASE}/national/v1/applications").mock(side_effect=answer)
    client = SignedClient(BASE, Link(KEY, KEY), peer="portal", now=lambda: NOW)
    with pytest.raises(PeerUnavailable):
        await HttpPortal(client).download(limit=2, wait_s=0)
    assert client.skew_s is None
