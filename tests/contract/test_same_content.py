"""相同: both servers, asked the same, say the same of a repeat, a correction, and a future date."""

import json
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Final

import aiohttp
import orjson
import pytest

from schemas.records.canonical_form import content_digest
from schemas.records.outcomes import Outcome
from schemas.records.receipts import Acknowledgement, Receipt
from schemas.reference.clock import utc_now
from schemas.signing import Suite
from simulator.app import Simulator
from tests.builders.records import as_json, outcome_json
from tests.contract.docking_set import FETCHING, JIYUAN, a_docking_set, a_national_side
from tests.support.signing_client import SigningClient

Record = dict[str, object]
PEOPLE: Final = 2
RECEIPT: Final = re.compile(rb'"receipt":(\{[^{}]*\})')
WEST: Final = timezone(timedelta(hours=-9, minutes=-30))


def in_zone(record: Record, zone: timezone) -> Record:
    decided_at = datetime.fromisoformat(str(record["aae036"]))
    return {**record, "aae036": decided_at.astimezone(zone).isoformat()}


def written(record: Record) -> bytes:
    return json.dumps(record).encode()


SPELLINGS: Final[Mapping[str, Callable[[Record], bytes]]] = {
    "the same": as_json,
    "null added": lambda record: written({**record, "remarks": None, "contact": None}),
    "another offset": lambda record: written(in_zone(record, WEST)),
    "UTC": lambda record: written(in_zone(record, UTC)),
    "members reordered": lambda record: written(dict(reversed(record.items()))),
    "a point in a whole number": lambda record: written({**record, "revision": 1.0}),
    "blanks and escapes": lambda record: json.dumps(record, indent=2).replace("/", "\\/").encode(),
}


@dataclass(frozen=True, slots=True)
class AskedServer:
    """One server, and outcomes that it may be given: one for each person."""

    client: SigningClient
    path: str
    outcomes: tuple[Record, ...]

    async def answers(self, *sent: bytes) -> list[str]:
        """Return what the server says of each outcome: accepted, duplicate, or a code."""
        answered = await self.client.call("POST", self.path, batch(*sent))
        return answered.results

    async def receipt(self, sent: bytes) -> bytes:
        """Return the very bytes of the receipt for an outcome."""
        answered = await self.client.call("POST", self.path, batch(sent))
        (receipt,) = RECEIPT.findall(answered.body)
        return bytes(receipt)


def batch(*sent: bytes) -> bytes:
    return b'{"outcomes":[%b]}' % b",".join(sent)


def an_outcome(number: object, dispatch_no: object) -> Record:
    changes = {"application_no": number, "dispatch_no": dispatch_no, "aae017": FETCHING}
    record: Record = orjson.loads(outcome_json(**changes))
    return record


async def of_the_province(client: SigningClient) -> AskedServer:
    dispatches: list[dict[str, Record]] = []
    while len(dispatches) < PEOPLE:
        answer = await client.call("GET", "/agency/v1/dispatches?wait=20")
        dispatches = orjson.loads(answer.body)["dispatches"]
    outcomes = (
        an_outcome(one["application"]["application_no"], one["dispatch_no"]) for one in dispatches
    )
    return AskedServer(client, "/agency/v1/outcomes", tuple(outcomes))


def of_the_nation(national: Simulator, client: SigningClient) -> AskedServer:
    book = national.entry.book
    items, _ = book.page("410000", PEOPLE)
    numbers = [one.number or "" for one in items]
    for number in numbers:
        stored = Acknowledgement(application_no=number, kind="application", stored_at=utc_now())
        book.acknowledge("410000", stored)
    return AskedServer(
        client, "/national/v1/outcomes", tuple(an_outcome(n, "D0-1") for n in numbers)
    )


@pytest.fixture
async def sides(tmp_path: Path) -> AsyncIterator[tuple[AskedServer, AskedServer]]:
    """Run both servers; each has applications that may be decided."""
    folders = tmp_path / "alone", tmp_path / "whole"
    for folder in folders:
        folder.mkdir()
    async with AsyncExitStack() as running:
        session = await running.enter_async_context(aiohttp.ClientSession())
        national, up = await running.enter_async_context(a_national_side(folders[0]))
        whole = a_docking_set(folders[1], Suite.HMAC_SHA256)
        here = await running.enter_async_context(whole)
        for side in (national, here.national):
            await side.entry.file_people(PEOPLE, seed=7, places=[JIYUAN])
        yield (
            of_the_nation(national, SigningClient(up.base, up.of_caller(), session)),
            await of_the_province(
                SigningClient(here.agency.base, here.agency.of_caller(), session)
            ),
        )


async def test_both_servers_know_a_repeat_however_it_is_written_and_a_conflict_by_any_character(
    sides: tuple[AskedServer, AskedServer],
) -> None:
    for side in sides:
        # Given a result that was taken
        record = side.outcomes[0]
        first = await side.receipt(as_json(record))
        outcome = Outcome.read(as_json(record))
        given = Receipt.read(first)
        assert (given.kind, given.key, given.revision, given.digest) == (
            *("outcome", outcome.key, 1),
            content_digest(outcome),
        )

        # When it comes in other spellings, then it is a repeat, with the first receipt
        spelled = [spell(record) for spell in SPELLINGS.values()]
        assert await side.answers(*spelled) == ["duplicate"] * len(SPELLINGS)
        assert {await side.receipt(one) for one in spelled} == {first}

        # And whatever says something else is a conflict
        later = {**record, "aae036": "2026-03-02T09:20:00.000001+08:00"}
        name: Record = {"aae019": "李静\u200b"}
        others: tuple[Record, ...] = ({"remarks": " "}, {"contact": {}}, name, later)
        conflicts = [written({**record, **other}) for other in others]
        assert await side.answers(*conflicts) == ["outcome.conflict"] * len(conflicts)


async def test_both_servers_take_revisions_with_gaps_and_refuse_decisions_of_the_future(
    sides: tuple[AskedServer, AskedServer],
) -> None:
    for side in sides:
        record, other = side.outcomes

        # The first revision may be above 1, and what is left out comes too late
        third, second = ({**record, "revision": n, "remarks": str(n)} for n in (3, 2))
        assert await side.answers(as_json(third)) == ["accepted"]
        assert await side.answers(as_json(second), as_json(third)) == [
            *("outcome.superseded", "duplicate")
        ]
        assert await side.answers(as_json({**record, "revision": 9})) == ["accepted"]

        # A clock may be five minutes ahead; a decision of tomorrow is none yet
        tomorrow = (utc_now() + timedelta(days=1)).isoformat()
        soon = (utc_now() + timedelta(minutes=4)).isoformat()
        assert await side.answers(as_json({**other, "aae036": tomorrow})) == ["outcome.dated-ahead"]
        assert await side.answers(as_json({**other, "aae036": soon})) == ["accepted"]
