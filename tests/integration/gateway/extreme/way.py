"""The way of extreme records through a real gateway over signed HTTP, compared at each end."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final

import orjson

from schemas.records.dispatches import Dispatch
from schemas.records.receipts import BatchAnswer, ItemStatus
from schemas.records.strict_json import read_page
from tests.builders.extreme_records import (
    INSTANTS,
    a_text,
    an_extreme_outcome,
    an_extreme_withdrawal,
)
from tests.builders.records import JINSHUI, JIYUAN, as_json
from tests.integration.gateway.extreme.batch import ExtremeBatch, spoiled_outcomes
from tests.integration.gateway.harness import Harness
from tests.support.signing_client import Answered, SigningClient
from tests.support.until import until

OUTCOMES: Final = "/agency/v1/outcomes"
_DISPATCHES: Final = "/agency/v1/dispatches"
_LONGEST_CALL_BYTES: Final = 900_000
_LAST_REVISION: Final = 9999

Given = Mapping[str, tuple[str, str]]
"""By application number: the number of its dispatch, and the agency that has it."""


@dataclass
class Way:
    """Takes batches there and back; `answers` are all that agencies were answered to outcomes."""

    harness: Harness
    chance: Random
    answers: list[bytes] = field(default_factory=list)

    async def go(self, batch: ExtremeBatch) -> Given:
        """Have a batch forwarded, dispatched, decided and reported, each record unaltered."""
        await self._forward(batch)
        given = await self._dispatched(batch)
        await self._withdraw(batch)
        await self._decide(batch, given, 1)
        await self._decide(batch, {one: given[one] for one in batch.corrected}, _LAST_REVISION)
        await self._spoil(given)
        return given

    def forget(self) -> None:
        """Let the peers forget what was compared."""
        portal = self.harness.portal.portal
        portal.feed.clear()
        portal.acknowledged.clear()
        portal.reports.taken.clear()
        portal.reports.batches.clear()
        self.harness.pushed.bodies.clear()
        self.harness.pushed.delivered.clear()
        self.harness.portal.traces.clear()
        self.answers.clear()

    def client(self, agency: str) -> SigningClient:
        """Return how the system of an agency calls the gateway."""
        return {JINSHUI: self.harness.jinshui, JIYUAN: self.harness.jiyuan}[agency]

    async def _forward(self, batch: ExtremeBatch) -> None:
        due = {*batch.lawful, *batch.spoiled}
        self.harness.portal.forward(*batch.items)
        await until(lambda: due <= {*self.harness.portal.acknowledged}, "all is acknowledged")

    async def _dispatched(self, batch: ExtremeBatch) -> Given:
        """Every agency has the very bytes that were forwarded, in a lawful dispatch."""
        page = await self.call(JIYUAN, "GET", f"{_DISPATCHES}?limit=200")
        fetched = [raw.content for raw in read_page(page.body, "dispatches")[1]]
        bodies, pushed = self.harness.pushed.bodies, self.harness.pushed.delivered
        await until(lambda: len(fetched) + len(pushed) >= len(batch.routed), "all is dispatched")
        read = await asyncio.to_thread(_read_dispatches, [page.body, *bodies], batch)
        await self._acknowledge([read[raw].dispatch_no for raw in fetched])
        return {
            one.application.application_no: (one.dispatch_no, one.agency_code)
            for one in read.values()
        }

    async def _acknowledge(self, numbers: Sequence[str]) -> None:
        if not numbers:
            return
        stored = [
            {"dispatch_no": one, "stored_at": self.chance.choice(INSTANTS)} for one in numbers
        ]
        body = as_json({"acknowledgements": stored})
        answered = await self.call(JIYUAN, "POST", f"{_DISPATCHES}/acknowledgements", body)
        assert answered.results == [ItemStatus.ACCEPTED] * len(numbers)

    async def _withdraw(self, batch: ExtremeBatch) -> None:
        items = [an_extreme_withdrawal(one, self.chance) for one in batch.withdrawn]
        if not items:
            return
        self.harness.portal.forward(*items)
        stored = self.harness.portal.portal.acknowledged
        await until(
            lambda: sum(one.kind == "withdrawal" for one in stored) >= len(items),
            "all withdrawals are acknowledged",
        )

    async def _decide(self, batch: ExtremeBatch, given: Given, revision: int) -> None:
        """Every outcome comes to the portal as the agency made it, but of what was withdrawn."""
        made = await asyncio.to_thread(self._outcomes, batch, given, revision)
        for agency in (JINSHUI, JIYUAN):
            numbers = [number for number in made if given[number][1] == agency]
            codes = await self._submit(agency, [made[number] for number in numbers])
            assert dict(zip(numbers, codes, strict=True)) == {
                number: "case.withdrawn" if number in batch.withdrawn else ItemStatus.ACCEPTED
                for number in numbers
            }
        taken = self.harness.portal.portal.reports.taken
        due = {(number, revision) for number in made if number not in batch.withdrawn}
        await until(lambda: due <= taken.keys(), "all outcomes are reported")
        assert {one: taken[one] for one in due} == {one: made[one[0]] for one in due}

    def _outcomes(self, batch: ExtremeBatch, given: Given, revision: int) -> dict[str, bytes]:
        return {
            number: an_extreme_outcome(
                self.chance,
                batch.routed[number],
                application_no=number,
                dispatch_no=dispatch_no,
                aae017=agency,
                revision=self.chance.choice((revision, float(revision))),
            )
            for number, (dispatch_no, agency) in given.items()
        }

    async def _spoil(self, given: Given) -> None:
        """What holds NUL or the like is refused item by item, and nothing of it is said again."""
        number, (dispatch_no, agency) = next(iter(given.items()))
        spoiled = spoiled_outcomes(
            self.chance, application_no=number, dispatch_no=dispatch_no, aae017=agency
        )
        codes = await self._submit(agency, spoiled)
        assert {*codes} <= {"message.malformed", "message.invalid"}
        echo = a_text(100, self.chance)
        pong = await self.call(agency, "POST", "/agency/v1/ping", as_json({"echo": echo}))
        assert orjson.loads(pong.body)["echo"] == echo

    async def _submit(self, agency: str, outcomes: Sequence[bytes]) -> list[str]:
        codes: list[str] = []
        for part in _parts(outcomes):
            body = b'{"outcomes":[%b]}' % b",".join(part)
            answered = await self.call(agency, "POST", OUTCOMES, body)
            self.answers.append(answered.body)
            BatchAnswer.read(answered.body)
            codes += answered.results
        return codes

    async def call(
        self, agency: str, method: str, path: str, body: bytes | None = None
    ) -> Answered:
        """Call the gateway as an agency; it has to be answered well."""
        answered = await self.client(agency).call(method, path, body)
        assert answered.status == 200, (path, answered.status)
        return answered


def _read_dispatches(bodies: Iterable[bytes], batch: ExtremeBatch) -> dict[bytes, Dispatch]:
    """Read dispatches: each is lawful, and bears the very bytes that were forwarded."""
    there = {raw.content for body in bodies for raw in read_page(body, "dispatches")[1]}
    read = {raw: Dispatch.read(raw) for raw in there}
    assert {one.application.application_no for one in read.values()} == {*batch.routed}
    for raw, one in read.items():
        assert raw.endswith(b'"application":%b}' % batch.routed[one.application.application_no])
    return read


def _parts(outcomes: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Yield outcomes in calls that are not too long."""
    part: list[bytes] = []
    for one in outcomes:
        if part and sum(map(len, part)) + len(one) > _LONGEST_CALL_BYTES:
            yield part
            part = []
        part.append(one)
    if part:
        yield part
