"""转办申请推送 the whole way: a national side that pushes and is polled at the same time."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import pytest

from duijie.clients.control_client import ControlClient
from gateway.app.lifecycle import Gateway
from gateway.domain.case import State
from gateway.ports.views import WorkFilter, WorkRow
from schemas.reference.clock import beijing_date, utc_now
from simulator.app import Simulator
from simulator.national.pushing import FeedPusher
from simulator.web.control.requests import ArmFaultRequest, InjectRequest
from storage.sealing import CryptoProfile
from tests.support.rows import readable
from tests.support.stack import PROVINCE, Stack, a_gateway, a_simulator, make_stack
from tests.support.until import until

PUSH, DOWNLOAD, ACKNOWLEDGE = "pushApplications", "downloadApplications", "acknowledgeApplications"
COUNT: Final = 30
Params = dict[str, str | int]


def stack_with_pushes(
    folder: Path, url: str, crypto: CryptoProfile = CryptoProfile.INTERNATIONAL
) -> Stack:
    return make_stack(folder, store=url, crypto=crypto)


@asynccontextmanager
async def docked(
    stack: Stack, *, on: bool = True, long_poll_s: int = 25, poll_every_s: int = 300
) -> AsyncIterator[tuple[Simulator, Gateway]]:
    """Run a national side with its agencies, and a gateway on the ledger of the stack."""
    changes = {"long_poll_s": long_poll_s, "poll_every_s": poll_every_s}
    settings = stack.gateway_settings().model_copy(update=changes)
    async with (
        a_simulator(stack.simulator_settings()) as simulator,
        a_gateway(settings, jitter=lambda: 0.0) as gateway,
    ):
        pusher_of(simulator).switch(on=on)
        yield simulator, gateway


def pusher_of(simulator: Simulator) -> FeedPusher:
    return simulator.pushers[PROVINCE]


async def until_all_are_back(simulator: Simulator, control: ControlClient) -> None:
    async def are_back() -> bool:
        summary = await control.summary()
        return summary.back == summary.count and not summary.waiting

    await until(are_back, "every application is back")


async def cases_of(gateway: Gateway) -> list[WorkRow]:
    return readable(
        await gateway.store.read(
            lambda views: views.worklist(WorkFilter(), after=None, limit=4 * COUNT)
        )
    )


async def assert_nothing_is_lost_or_doubled(
    simulator: Simulator, gateway: Gateway, control: ControlClient, count: int
) -> None:
    summary = await control.summary()
    assert (summary.count, summary.back, summary.waiting) == (count, count, 0)
    assert summary.doubled == 0
    assert len(simulator.entry.book.feed(PROVINCE)) == 0
    rows = await cases_of(gateway)
    assert Counter(row.case.key for row in rows).most_common(1)[0][1] == 1
    assert {row.case.key for row in rows} == {
        one.number for one in simulator.entry.book.applications
    }
    figures = await gateway.store.read(lambda views: views.figures(beijing_date(utc_now())))
    assert (figures.quarantined, figures.held) == ({}, {})


INTERLEAVINGS: Final[dict[str, tuple[tuple[str, str, Params], ...]]] = {
    "nothing forced": (),
    "pages are read, and their items pushed before they arrive": (
        ("delay", DOWNLOAD, {"after_ms": 120}),
    ),
    "pushes take effect, and their items are downloaded before the answer": (
        ("delay", PUSH, {"after_ms": 120}),
    ),
    "pushes go out late, with items that were acknowledged meanwhile": (
        ("delay", PUSH, {"ms": 120}),
    ),
    "items are stored, pushed, and then acknowledged": (("delay", ACKNOWLEDGE, {"ms": 120}),),
    "answers to pushes are lost": (("lost-reply", PUSH, {}),),
    "answers of either way are lost": (("lost-reply", PUSH, {}), ("lost-reply", DOWNLOAD, {})),
    "the gateway is not there": (("unavailable", PUSH, {"retry_after_s": 0}),),
    "an item stands twice in a push": (("duplicate", PUSH, {"mode": "page"}),),
    "a push comes once more after its answer": (
        ("duplicate", PUSH, {"mode": "after-acknowledgement"}),
    ),
    "items come again by the feed after they were pushed": (
        ("duplicate", ACKNOWLEDGE, {"mode": "after-acknowledgement"}),
        ("delay", PUSH, {"after_ms": 60}),
    ),
}


@pytest.mark.parametrize("forced", INTERLEAVINGS.values(), ids=INTERLEAVINGS)
async def test_pushes_and_a_long_poll_at_once_lose_and_double_nothing(
    tmp_path: Path, url: str, forced: tuple[tuple[str, str, Params], ...]
) -> None:
    async with (
        docked(stack_with_pushes(tmp_path, url)) as (simulator, gateway),
        ControlClient(simulator.addresses.control) as control,
    ):
        for fault, operation, params in forced:
            await control.arm(
                ArmFaultRequest(fault=fault, operation=operation, count=4, params=params)
            )
        for _ in range(3):
            await control.file(COUNT // 3)
        await until_all_are_back(simulator, control)
        feed = simulator.entry.book.feed(PROVINCE)
        await until(lambda: len(feed) == 0, "what came again is acknowledged again")
        await assert_nothing_is_lost_or_doubled(simulator, gateway, control, COUNT)
        happened = {one.operation: one.happened for one in await control.faults()}
        assert all(happened[operation] for _, operation, _ in forced if operation == PUSH)


@pytest.mark.parametrize("crypto", CryptoProfile)
async def test_what_is_pushed_needs_no_download(
    tmp_path: Path, url: str, crypto: CryptoProfile
) -> None:
    # Given a gateway that looks at the portal once in an hour only
    stack = stack_with_pushes(tmp_path, url, crypto)
    async with (
        docked(stack, on=False, long_poll_s=0, poll_every_s=3600) as (simulator, gateway),
        ControlClient(simulator.addresses.control) as control,
    ):
        # When people file after that look, and pushes are switched on
        await until(lambda: bool(gateway.metrics.registry.get_sample_value(LOOKED, EMPTY)))
        await control.file(5)
        assert (await control.pushes())[0].waiting == 5
        shown = await control.switch_push(PROVINCE, on=True)
        await until_all_are_back(simulator, control)

        # Then all go there and back, acknowledged by their pushes alone
        assert (shown.on, shown.province) == (True, PROVINCE)
        await assert_nothing_is_lost_or_doubled(simulator, gateway, control, 5)
        assert [one.deliveries for one in simulator.entry.book.applications] == [1] * 5
        (after,) = await control.pushes()
        assert (after.waiting, after.refused, after.turn_failures) == (0, 0, {})


LOOKED, EMPTY = "duijie_pull_requests_total", {"result": "empty"}


async def test_a_withdrawal_is_pushed_as_well(tmp_path: Path, url: str) -> None:
    stack = stack_with_pushes(tmp_path, url)
    async with (
        docked(stack, on=False, long_poll_s=0, poll_every_s=3600) as (simulator, gateway),
        ControlClient(simulator.addresses.control) as control,
    ):
        await until(lambda: bool(gateway.metrics.registry.get_sample_value(LOOKED, EMPTY)))
        (number,) = await control.file(1)
        simulator.entry.book.withdraw(number, None)
        await control.switch_push(PROVINCE, on=True)
        await until(lambda: len(simulator.entry.book.feed(PROVINCE)) == 0)
        (row,) = await cases_of(gateway)
        assert (row.case.key, row.case.state) == (number, State.WITHDRAWN)


async def test_what_spoils_a_page_does_not_hold_up_its_neighbours(tmp_path: Path, url: str) -> None:
    # brackets that do not pair make the whole message unreadable
    stack = stack_with_pushes(tmp_path, url)
    async with (
        docked(stack, on=False, long_poll_s=0, poll_every_s=3600) as (simulator, gateway),
        ControlClient(simulator.addresses.control) as control,
    ):
        await until(lambda: bool(gateway.metrics.registry.get_sample_value(LOOKED, EMPTY)))
        await control.file(6)
        broken = InjectRequest(province=PROVINCE, content='{"a":[', application_no="SYDJ-BROKEN")
        await control.inject(broken)
        await control.file(6)
        await control.switch_push(PROVINCE, on=True)

        async def are_back() -> bool:
            return (await control.summary()).back == 12

        await until(are_back, "its neighbours are back")
        await until(lambda: pusher_of(simulator).left_to_download() == 1)
        assert (await control.summary()).doubled == 0


async def test_a_gateway_without_a_key_for_pushes_says_so_and_is_left_to_download(
    tmp_path: Path, url: str
) -> None:
    # Given a gateway that takes no pushes, and a national side that tries
    stack = stack_with_pushes(tmp_path, url)
    written = stack.gateway_file.read_text("utf-8")
    kept = [line for line in written.splitlines() if not line.startswith("push_key_file")]
    stack.gateway_file.write_text("\n".join(kept), "utf-8")
    async with (
        docked(stack) as (simulator, gateway),
        ControlClient(simulator.addresses.control) as control,
    ):
        await control.file(5)
        await until_all_are_back(simulator, control)
        await assert_nothing_is_lost_or_doubled(simulator, gateway, control, 5)
