"""本地受理登记 the whole way: from the counter of an agency, through a gateway, to the nation."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from duijie.clients.control_client import ControlClient
from gateway.app.lifecycle import Gateway
from gateway.domain.case import State
from gateway.ports.notices import NoticeDue
from gateway.ports.views import WorkFilter
from schemas.records.canonical_form import content_digest
from schemas.reference.clock import beijing_date, utc_now
from simulator.app import Simulator
from simulator.web.control.requests import ArmFaultRequest, DeregisterRequest
from storage.sealing import CryptoProfile
from tests.support.rows import readable
from tests.support.stack import a_gateway, a_simulator, make_stack
from tests.support.until import until

PUSHED, FETCHING = "4101000001", "4190010001"
UPLOAD = "uploadRegistrations"


@asynccontextmanager
async def docked(
    folder: Path, url: str, crypto: CryptoProfile = CryptoProfile.INTERNATIONAL
) -> AsyncIterator[tuple[Simulator, Gateway]]:
    """Run a national side with its agencies, and a gateway on this ledger."""
    stack = make_stack(folder, store=url, crypto=crypto)
    async with (
        a_simulator(stack.simulator_settings()) as simulator,
        a_gateway(stack.gateway_settings(), jitter=lambda: 0.0) as gateway,
    ):
        yield simulator, gateway


def registered(simulator: Simulator, code: str, count: int) -> list[str]:
    """Let people come to the counter of an agency."""
    agency = simulator.agencies[code]
    return agency.register(simulator.entry.people_at(agency.settings.division, count, seed=5))


async def until_in_effect(simulator: Simulator, keys: list[str]) -> None:
    def are_in_effect() -> bool:
        answered = not any(one.counter.waiting() for one in simulator.agencies.values())
        return answered and all(map(simulator.entry.book.local_results, keys))

    await until(are_in_effect, "each registration is answered and in effect", within_s=30.0)


@pytest.mark.parametrize("crypto", CryptoProfile)
async def test_what_is_accepted_at_the_counter_is_in_effect_as_it_was_accepted(
    tmp_path: Path, url: str, crypto: CryptoProfile
) -> None:
    async with docked(tmp_path, url, crypto) as (simulator, gateway):
        keys = [*registered(simulator, PUSHED, 3), *registered(simulator, FETCHING, 2)]
        await until_in_effect(simulator, keys)
        for code in (PUSHED, FETCHING):
            counter = simulator.agencies[code].counter
            for one in counter.registrations.records:
                (effect,) = simulator.entry.book.local_results(one.key)
                assert (effect.kind, effect.digest) == ("registration", content_digest(one.record))
                assert one.answer == "accepted"
            assert counter.registrations.unbelieved_receipts == 0
        await until(lambda: are_reported(gateway, keys))


async def are_reported(gateway: Gateway, keys: list[str]) -> bool:
    """Say whether the gateway knows that the national side has them, and nothing is left over."""
    today = beijing_date(utc_now())
    figures = await gateway.store.read(lambda views: views.figures(today))
    listed = await gateway.store.read(
        lambda views: views.worklist(WorkFilter(), after=None, limit=50)
    )
    states = {row.case.key: row.case.state for row in readable(listed)}
    assert set(states) == set(keys)
    return set(states.values()) == {State.REPORTED} and not figures.backlog


@pytest.mark.parametrize(
    ("fault", "params"), [("lost-reply", {}), ("unavailable", {}), ("delay", {"ms": 200})]
)
async def test_a_fault_of_the_national_side_loses_and_doubles_nothing(
    tmp_path: Path, url: str, fault: str, params: dict[str, str | int]
) -> None:
    async with docked(tmp_path, url) as (simulator, _):
        armed = ArmFaultRequest(fault=fault, operation=UPLOAD, count=2, params=params)
        async with ControlClient(simulator.addresses.control) as control:
            await control.arm(armed)
            keys = registered(simulator, FETCHING, 4)
            await until_in_effect(simulator, keys)
            (happened,) = await control.faults()
        assert happened.happened >= 1
        for key in keys:
            assert len(simulator.entry.book.local_results(key)) == 1


async def test_the_counter_is_filled_and_shown_over_the_control_interface(
    tmp_path: Path, url: str
) -> None:
    async with docked(tmp_path, url) as (simulator, _):
        async with ControlClient(simulator.addresses.control) as control:
            keys = await control.register(PUSHED, 2, seed=3)
            await until_in_effect(simulator, keys)
            shown = (await control.agency(PUSHED)).registrations
        assert [(one.key, one.revision, one.answer) for one in shown] == [
            (key, 1, "accepted") for key in keys
        ]


async def test_what_an_agency_ends_is_ended_nationally_and_the_notice_follows(
    tmp_path: Path, url: str
) -> None:
    async with docked(tmp_path, url) as (simulator, gateway):
        async with ControlClient(simulator.addresses.control) as control:
            keys = registered(simulator, FETCHING, 6)
            await until_in_effect(simulator, keys)
            book = simulator.entry.book
            key = next(one for one in keys if book.registration_in_force(one))
            armed = ArmFaultRequest(fault="lost-reply", operation="uploadDeregistrations")
            await control.arm(armed)
            ended = DeregisterRequest(agency=FETCHING, key=key, informed=False)
            assert await control.deregister(ended) == (key,)
            await until(lambda: bool(book.deregistrations_of(key)))
            assert [one.key for one in await notices(gateway)] == [key]
            await control.deregister(ended.model_copy(update={"revision": 2, "informed": True}))
            await until(lambda: len(book.deregistrations_of(key)) == 2)
            assert await notices(gateway) == []
            shown = (await control.agency(FETCHING)).deregistrations
        assert [(one.revision, one.answer) for one in shown] == [(1, "accepted"), (2, "accepted")]
        assert book.deregistrations_of(key)[1].repeats == 1


async def notices(gateway: Gateway) -> list[NoticeDue]:
    return await gateway.store.read(
        lambda views: views.notices_due(before=None, after=None, limit=50)
    )
