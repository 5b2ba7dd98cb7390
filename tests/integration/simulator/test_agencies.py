"""Stand-in agencies against a gateway that the test plays."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import orjson
import pytest

from schemas.records.outcomes import Verdict
from schemas.reference.clock import Now, utc_now
from schemas.signing import Suite, new_key, write_key_file
from simulator.config import AgencySettings, Delivery
from tests.integration.simulator.docking import SKIPPING, Docked, JsonObject, docked
from tests.integration.simulator.scripted_gateway import (
    AGENCY,
    ScriptedGateway,
    a_dispatch,
    scripted_gateway,
)
from tests.support.until import until
from tests.unit.simulator.settable_time import SettableTime


@dataclass(frozen=True, slots=True)
class Office:
    """A simulator with one agency, and the gateway it works with."""

    here: Docked
    gateway: ScriptedGateway

    async def push(self, *bodies: bytes) -> list[JsonObject]:
        """Push dispatches and return the results."""
        url = f"{self.here.simulator.addresses.agencies[AGENCY]}/dispatches"
        batch = b'{"dispatches":[%s]}' % b",".join(bodies)
        answer = orjson.loads(await self.gateway.push(self.here.session, url, batch))
        assert isinstance(answer["results"], list)
        return answer["results"]

    async def shown(self) -> JsonObject:
        """Return the agency's book as the control side shows it."""
        return await self.here.control.get(f"agencies/{AGENCY}")

    async def dispatches(self) -> list[JsonObject]:
        """Return the dispatches in the agency's book."""
        found = (await self.shown())["dispatches"]
        assert isinstance(found, list)
        return [one for one in found if isinstance(one, dict)]

    async def until_answered(self) -> None:
        """Wait until each dispatch in the agency's book has its final answer."""

        async def are_answered() -> bool:
            return all(one["answer"] is not None for one in await self.dispatches())

        await until(are_answered, "each dispatch has its final answer")


@asynccontextmanager
async def an_office(
    folder: Path,
    delivery: Delivery = Delivery.PUSH,
    *,
    refuse_share: float = 0.0,
    return_share: float = 0.0,
    decide_after_s: float = 0.0,
    time: SettableTime | None = None,
    now: Now = utc_now,
) -> AsyncIterator[Office]:
    now, timer = (now, SKIPPING) if time is None else (time, time)
    key = new_key(f"agency-{AGENCY}", Suite.HMAC_SHA256)
    path = folder / "agency.json"
    write_key_file(path, key)
    async with scripted_gateway(key) as gateway:
        settings = AgencySettings(
            code=AGENCY,
            name="郑州市公共就业服务中心",
            division="410100",
            delivery=delivery,
            gateway=gateway.base,
            key_file=path,
            gateway_key_file=path,
            listen="127.0.0.1:0" if delivery is Delivery.PUSH else None,
            refuse_share=refuse_share,
            return_share=return_share,
            decide_after_s=decide_after_s,
        )
        async with docked(folder, agencies=(settings,), now=now, timer=timer) as here:
            yield Office(here, gateway)


async def test_a_pushed_dispatch_is_stored_decided_and_answered(tmp_path: Path) -> None:
    async with an_office(tmp_path) as office:
        (result,) = await office.push(a_dispatch().wire())
        await office.gateway.until_taken(1)

        assert result["status"] == "accepted"
        ((outcome,),) = office.gateway.submissions
        assert (outcome.application_no, outcome.dispatch_no) == ("SYDJ-1", "D-1")
        assert (outcome.verdict, outcome.revision) == (Verdict.PASSED, 1)
        assert outcome.certificate_no is not None
        assert len(outcome.certificate_no) == 16
        assert office.gateway.traces[0] is not None
        assert office.gateway.traces[0].split("-")[1] == "ab" * 16


async def test_a_dispatch_pushed_twice_gets_the_first_receipt_and_one_decision(
    tmp_path: Path,
) -> None:
    async with an_office(tmp_path) as office:
        dispatch = a_dispatch().wire()
        first, in_one_batch = await office.push(dispatch, dispatch)
        await office.gateway.until_taken(1)
        (again,) = await office.push(dispatch)

        assert [one["status"] for one in (in_one_batch, again)] == ["duplicate", "duplicate"]
        assert first["receipt"] == in_one_batch["receipt"] == again["receipt"]
        (shown,) = await office.dispatches()
        assert shown["count"] == 3
        assert sum(len(batch) for batch in office.gateway.submissions) == 1


async def test_dispatches_that_may_not_be_are_refused_and_the_others_go_on(tmp_path: Path) -> None:
    async with an_office(tmp_path) as office:
        results = await office.push(
            a_dispatch("D-9", agency="4199000001").wire(),
            b'{"dispatch_no":"D-8","dispatch_no":"D-8"}',
            a_dispatch("D-7").wire().replace(b'"exact"', b'"guess"'),
            a_dispatch().wire(),
        )
        codes = [one["problem"]["code"] for one in results[:3] if isinstance(one["problem"], dict)]
        assert codes == ["auth.not-allowed", "message.malformed", "message.invalid"]
        assert results[3]["status"] == "accepted"
        assert [one["dispatch_no"] for one in await office.dispatches()] == ["D-1"]


async def test_an_application_that_comes_under_two_dispatch_numbers_counts_as_doubled(
    tmp_path: Path,
) -> None:
    async with an_office(tmp_path) as office:
        await office.push(a_dispatch("D-1").wire(), a_dispatch("D-2").wire())
        await office.push(a_dispatch("D-3", application_no="SYDJ-3").wire())
        assert (await office.shown())["per_application"] == {"SYDJ-1": 2, "SYDJ-3": 1}
        assert (await office.here.control.get("summary"))["doubled"] == 1


@pytest.mark.parametrize(
    "trouble",
    ["cut", "503", "unsigned", "fewer", "service.busy", "outcome.dated-ahead", "other receipt"],
)
async def test_a_result_without_a_usable_answer_goes_again_as_the_same_bytes(
    tmp_path: Path, trouble: str
) -> None:
    async with an_office(tmp_path) as office:
        office.gateway.script.extend([trouble, trouble])
        await office.push(a_dispatch().wire())
        await office.until_answered()

        assert len(office.gateway.submissions) >= 3
        assert len(set(office.gateway.bodies)) == 1
        (shown,) = await office.dispatches()
        assert shown["answer"] in {"accepted", "duplicate"}
        assert shown["sent"] == len(office.gateway.submissions)


async def test_a_refusal_is_a_final_answer(tmp_path: Path) -> None:
    async with an_office(tmp_path) as office:
        office.gateway.script.append("outcome.superseded-dispatch")
        await office.push(a_dispatch("D-1").wire())
        await office.gateway.until_taken(1)
        await office.push(a_dispatch("D-2", application_no="SYDJ-2").wire())
        await office.gateway.until_taken(2)

        refused, accepted = await office.dispatches()
        assert (refused["answer"], refused["sent"]) == ("refused", 1)
        assert refused["answer_code"] == "outcome.superseded-dispatch"
        assert accepted["application_no"] == "SYDJ-2"


async def test_a_dispatch_is_decided_when_its_time_has_come_however_it_comes(
    tmp_path: Path,
) -> None:
    time = SettableTime()
    async with an_office(tmp_path, decide_after_s=30, time=time) as office:
        await time.until_waits(1)  # idle
        await office.push(a_dispatch().wire())
        await time.until_waits(2)  # for the decision to fall due
        assert office.gateway.submissions == []

        time.forward(30)
        await office.gateway.until_taken(1)
        assert len(office.gateway.submissions) == 1


async def test_fetched_dispatches_are_acknowledged_and_decided(tmp_path: Path) -> None:
    async with an_office(tmp_path, Delivery.FETCH) as office:
        office.gateway.offered = {
            f"D-{n}": a_dispatch(f"D-{n}", application_no=f"SYDJ-{n}") for n in range(3)
        }
        office.gateway.moved.set()
        await office.gateway.until_taken(3)
        acknowledged = office.gateway.acknowledged  # beside the results, before or after them
        await until(lambda: len(acknowledged) == 3, "the agency acknowledges what it fetched")

        assert acknowledged == ["D-0", "D-1", "D-2"]
        assert {one["count"] for one in await office.dispatches()} == {1}


@pytest.mark.parametrize(
    ("doubt", "unbelieved"), [("refused", 0), ("fewer", 0), ("other receipt", 1)]
)
async def test_an_acknowledgement_that_is_not_confirmed_is_repeated_after_a_pause(
    tmp_path: Path, doubt: str, unbelieved: int
) -> None:
    time = SettableTime()
    async with an_office(tmp_path, Delivery.FETCH, time=time) as office:
        await time.until_waits(1)  # idle
        office.gateway.doubtful = [doubt]
        office.gateway.offered = {"D-1": a_dispatch("D-1")}
        office.gateway.moved.set()
        await until(lambda: not office.gateway.doubtful, "the first acknowledgement is answered")
        book = office.here.simulator.agencies[AGENCY].book
        await until(lambda: book.unbelieved_receipts == unbelieved, "the answer is judged")
        await time.until_waits(2)  # before it asks again
        assert office.gateway.acknowledged == []

        time.forward(60)
        await until(lambda: office.gateway.acknowledged == ["D-1"], "it is acknowledged again")


async def test_a_dispatch_that_cannot_be_decided_is_counted_and_stops_no_other(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with an_office(tmp_path) as office:
        # Given an agency whose book asks for a revision that no record may have
        book = office.here.simulator.agencies[AGENCY].book
        book.accepted["SYDJ-1"] = -1

        # When it gets that application and another one
        await office.push(a_dispatch().wire(), a_dispatch("D-2", application_no="SYDJ-2").wire())
        await office.gateway.until_taken(1)

        # Then the other one is handed in, and the failure is counted and logged without values
        assert {one.application_no for one in office.gateway.submissions[0]} == {"SYDJ-2"}
        failures = (await office.shown())["turn_failures"]
        assert isinstance(failures, dict)
        assert failures.keys() == {"decide"}
        failed = [vars(one)["facts"] for one in caplog.records if one.msg == "turn.failed"]
        assert failed[0]["error"] == "ValidationError"
        assert "SYDJ-1" not in str(failed)

        # And once it can be decided, it goes as well
        book.accepted["SYDJ-1"] = 0
        await office.gateway.until_taken(2)


class StumblingClock:
    """Tells the time, but raises instead, as often as it is told to."""

    def __init__(self) -> None:
        self.stumbles = 0

    def __call__(self) -> datetime:
        """Return the time, or stumble."""
        if self.stumbles:
            self.stumbles -= 1
            raise OverflowError("date value out of range")
        return utc_now()


async def test_a_loop_of_an_agency_survives_whatever_is_raised_in_a_turn(tmp_path: Path) -> None:
    clock = StumblingClock()
    async with an_office(tmp_path, Delivery.FETCH, now=clock) as office:
        clock.stumbles = 5
        office.gateway.offered["D-1"] = a_dispatch()
        office.gateway.moved.set()
        await office.gateway.until_taken(1)

        failures = (await office.shown())["turn_failures"]
        assert isinstance(failures, dict)
        assert sum(map(int, map(str, failures.values()))) == 5
        assert "fetch" in failures


async def test_with_a_share_of_refusals_the_reason_is_from_the_closed_list(tmp_path: Path) -> None:
    async with an_office(tmp_path, refuse_share=1.0) as office:
        await office.push(a_dispatch().wire())
        await office.gateway.until_taken(1)
        ((outcome,),) = office.gateway.submissions
        assert outcome.verdict == Verdict.NOT_PASSED
        assert outcome.refusal_reason is not None
        assert outcome.registration_no is None


@pytest.mark.parametrize("trouble", ["cut", "other receipt"])
async def test_with_a_share_of_returns_dispatches_are_given_back_until_that_is_receipted(
    tmp_path: Path, trouble: str
) -> None:
    async with an_office(tmp_path, return_share=1.0) as office:
        office.gateway.script.append(trouble)
        await office.push(a_dispatch().wire(), a_dispatch("D-2", application_no="SYDJ-2").wire())
        await office.until_answered()

        assert office.gateway.submissions == []
        assert len(set(office.gateway.bodies)) == 1
        first, *_ = office.gateway.returned
        assert (first.application_no, first.dispatch_no, first.reason) == ("SYDJ-1", "D-1", "1")
        shown = await office.dispatches()
        assert [(one["returned"], one["answer"]) for one in shown] == [(True, "duplicate")] * 2


async def test_what_is_returned_and_what_is_decided_may_share_a_turn(tmp_path: Path) -> None:
    async with an_office(tmp_path, return_share=0.5) as office:
        pushed = [a_dispatch(f"D-{n}", application_no=f"SYDJ-{n}") for n in range(40)]
        await office.push(*(one.wire() for one in pushed))
        await office.until_answered()

        returned = {one.dispatch_no for one in office.gateway.returned}
        decided = {one.dispatch_no for batch in office.gateway.submissions for one in batch}
        assert returned | decided == {one.dispatch_no for one in pushed}
        assert not returned & decided
        assert 5 < len(returned) < 35


async def test_faults_meet_pushes_to_an_agency_too(tmp_path: Path) -> None:
    async with an_office(tmp_path) as office:
        await office.here.control.arm("unavailable", "deliverDispatches")
        with pytest.raises(AssertionError, match=r"service\.unavailable"):
            await office.push(a_dispatch().wire())
        assert await office.dispatches() == []
        assert (await office.push(a_dispatch().wire()))[0]["status"] == "accepted"


async def test_reset_empties_an_agencys_book(tmp_path: Path) -> None:
    async with an_office(tmp_path) as office:
        await office.push(a_dispatch().wire())
        await office.here.control.post("reset")
        assert await office.dispatches() == []
