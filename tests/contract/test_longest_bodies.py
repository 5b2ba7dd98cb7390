"""最长的合规报文: 200 records as long as they may be, each character escaped, at the first try.

In both directions, by the clients and the servers of gateway and simulator alike.
"""

from pathlib import Path
from typing import Final

import aiohttp
import orjson

from contracts.publish.limits import longest_bytes
from gateway.adapters.portal import HttpPortal
from gateway.adapters.push import HttpAgencySystem
from gateway.adapters.signed_client import SignedClient
from gateway.domain.outbox_rules import MessageKind
from schemas.calls.bodies import MOST_ITEMS
from schemas.records.json_errors import LONGEST_BODY_BYTES
from schemas.records.receipts import Acknowledgement, ItemStatus
from schemas.records.strict_json import read_page
from schemas.reference.clock import utc_now
from schemas.signing import Suite
from simulator.agencies.gateway import GatewayConnection
from simulator.app import Simulator
from simulator.exchanges.signed_client import SignedClient as AgencyClient
from tests.builders.longest_records import (
    escaped,
    longest_application,
    longest_dispatch,
    longest_outcome,
)
from tests.contract.docking_set import FETCHING, JIYUAN, PUSHED, a_docking_set, a_national_side
from tests.support.until import until

NUMBERS: Final = tuple(f"SY{place:03}".ljust(40, "~") for place in range(MOST_ITEMS))
HENAN: Final = "410000"
OF_OLD_BYTES: Final = 4 << 20
"""What the gateway once read of an answer."""


def forward(national: Simulator) -> None:
    """Put 200 of the longest applications into the feed of Henan."""
    for number in NUMBERS:
        content = escaped(longest_application(number, place_division=JIYUAN))
        national.entry.book.inject(HENAN, content, number, 1)


async def test_the_national_side_and_the_client_of_the_gateway_take_the_longest_bodies(
    tmp_path: Path,
) -> None:
    async with a_national_side(tmp_path) as (national, up):
        forward(national)
        async with SignedClient(up.base, up.of_caller(), peer="portal", now=utc_now) as client:
            portal = HttpPortal(client)

            page = await portal.download(limit=MOST_ITEMS, wait_s=0)
            assert [one.number() for one in page.items] == [*NUMBERS]
            assert all(one.error is None for one in page.items)
            assert sum(len(one.content) for one in page.items) > OF_OLD_BYTES

            stored = [
                Acknowledgement(application_no=number, kind="application", stored_at=utc_now())
                for number in NUMBERS
            ]
            confirmed = await portal.acknowledge(stored)
            assert {one.status for one in confirmed} == {ItemStatus.ACCEPTED}

            outcomes = [escaped(longest_outcome(application_no=number)) for number in NUMBERS]
            reported = await portal.upload(MessageKind.REPORT, outcomes)
            assert {one.status for one in reported} == {ItemStatus.ACCEPTED}


async def test_the_gateway_takes_the_longest_push(tmp_path: Path) -> None:
    async with (
        a_docking_set(tmp_path, Suite.HMAC_SHA256) as here,
        aiohttp.ClientSession() as session,
    ):
        items = [escaped(longest_application(one, place_division=JIYUAN)) for one in NUMBERS]
        body = b'{"items":[%b]}' % b",".join(items)
        assert len(body) > OF_OLD_BYTES
        client = AgencyClient(session, here.pushing.base, here.pushing.of_caller(), utc_now)

        answer = await client.post("/province/v1/applications", body, deadline_s=60)

        results = orjson.loads(answer)["results"]
        assert [one["receipt"]["key"] for one in results] == [*NUMBERS]
        assert {one["status"] for one in results} == {"accepted"}


async def test_the_gateway_and_the_client_of_an_agency_take_the_longest_bodies(
    tmp_path: Path,
) -> None:
    async with (
        a_docking_set(tmp_path, Suite.HMAC_SHA256) as here,
        aiohttp.ClientSession() as session,
    ):
        forward(here.national)
        feed = here.national.entry.book.feed(HENAN)
        await until(lambda: not len(feed), "the gateway has taken the feed over")
        found = here.national.entry.book.applications.find
        assert {one.deliveries for number in NUMBERS if (one := found(number))} == {1}
        client = AgencyClient(session, here.agency.base, here.agency.of_caller(), utc_now)

        body = await client.get(f"/agency/v1/dispatches?limit={MOST_ITEMS}", deadline_s=30)
        _, dispatches = read_page(body, "dispatches")
        assert len(dispatches) == MOST_ITEMS
        assert len(body) > OF_OLD_BYTES

        gateway = GatewayConnection(client, here.national.entry.validator)
        given = [orjson.loads(one.content) for one in dispatches]
        outcomes = [
            escaped(
                longest_outcome(
                    application_no=one["application"]["application_no"],
                    dispatch_no=one["dispatch_no"],
                    aae017=FETCHING,
                )
            )
            for one in given
        ]
        answered = await gateway.submit_outcomes(outcomes, trace_id=None)
        assert {one.status for one in answered} == {ItemStatus.ACCEPTED}


async def test_the_system_of_an_agency_takes_the_longest_push(tmp_path: Path) -> None:
    dispatches = [
        escaped(longest_dispatch(f"D{place:03}", longest_application(number), PUSHED))
        for place, number in enumerate(NUMBERS)
    ]
    longest = longest_bytes("dispatch-batch") or 0
    assert longest * 0.93 < sum(map(len, dispatches)) < LONGEST_BODY_BYTES
    async with (
        a_docking_set(tmp_path, Suite.HMAC_SHA256) as here,
        SignedClient(here.pushed.base, here.pushed.of_caller(), peer=PUSHED, now=utc_now) as client,
    ):
        answered = await HttpAgencySystem(client, agency=PUSHED).deliver(dispatches)
    assert {one.status for one in answered} == {ItemStatus.ACCEPTED}
