"""机构清单 in a running gateway: taken from the settings once, exchanged and published."""

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from gateway.app.lifecycle import Gateway
from gateway.domain.directory_version import DirectoriesInUse
from gateway.errors import DirectoryUnreadable, Misconfigured, PeerUnavailable
from gateway.flows.directory import DirectoryRequest, make_directory_version
from gateway.flows.failpoints import no_hook
from gateway.jobs.directory_publication import PublicationLoop
from gateway.jobs.directory_watch import DirectoryWatchLoop
from gateway.metrics import Metrics
from gateway.ports.directory import DirectoryRow
from gateway.ports.store import Store
from schemas.reference.clock import Now, utc_now
from simulator.app import Simulator
from tests.builders.directory import PROVINCE, TREE, a_content, an_agency
from tests.integration.conftest import Run
from tests.integration.gateway.harness import stack_of_two
from tests.support.clock import SettableClock
from tests.support.directory_receiver import ScriptedReceiver
from tests.support.stack import a_gateway, a_simulator, make_stack
from tests.support.until import until

WITHIN_A_MINUTE = 60


@pytest.fixture
def metrics() -> Metrics:
    return Metrics(version="0", contract="0")


async def make(store: Store, now: Now, *, name: str = "改名的机构") -> int:
    request = DirectoryRequest(a_content(an_agency(name=name)), "operator:李敏", "改名")
    made = await make_directory_version(request, tree=TREE, province=PROVINCE, store=store, now=now)
    return made.version.number


def a_publication(
    store: Store, clock: SettableClock, metrics: Metrics, receiver: ScriptedReceiver
) -> PublicationLoop:
    return PublicationLoop(
        receiver,
        division=PROVINCE,
        holder="a",
        store=store,
        now=clock,
        metrics=metrics,
        jitter=lambda: 0.5,
        hook=no_hook,
    )


async def versions(gateway: Gateway) -> list[DirectoryRow]:
    return await gateway.store.read(lambda views: views.directories(before=1000, limit=9))


def shown(simulator: Simulator) -> tuple[int, int, int]:
    """Return version, agencies and repeats of the list that the national side shows."""
    found = simulator.entry.book.agency_lists.in_force(PROVINCE)
    return (0, 0, 0) if found is None else (found.version, len([*found.listed()]), found.repeats)


def version_here(metrics: Metrics) -> float | None:
    return metrics.registry.get_sample_value("duijie_directory_version")


async def test_the_agencies_of_the_settings_become_version_1_once_and_are_published(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    stack = make_stack(tmp_path)
    async with asyncio.timeout(60), a_simulator(stack.simulator_settings()) as simulator:
        async with a_gateway(stack.gateway_settings()) as gateway:
            await until(lambda: shown(simulator) == (1, 3, 0))
            (row,) = await versions(gateway)
            assert (row.number, row.made_by, row.agencies) == (1, "settings", 3)
        settings = stack.gateway_settings()
        renamed = settings.agency[0].model_copy(update={"name": "另一名称"})
        changed = settings.model_copy(update={"agency": (renamed, *settings.agency[1:])})
        caplog.set_level(logging.WARNING)
        async with a_gateway(changed) as gateway:
            assert [one.number for one in await versions(gateway)] == [1]
        differ = [one for one in caplog.records if one.msg == "directory.settings-differ"]
        assert [vars(one)["facts"] for one in differ] == [{"count": 1}]


async def test_every_gateway_on_the_ledger_goes_by_a_new_version_and_one_publishes_it(
    tmp_path: Path, make_ledger_database: Callable[[], str]
) -> None:
    stack = make_stack(tmp_path, store=make_ledger_database())
    first, console = stack.gateway_settings(), f"unix:{tmp_path}/other.sock"
    anywhere = {"listen": "127.0.0.1:0", "health": "127.0.0.1:0", "console": console}
    async with (
        asyncio.timeout(WITHIN_A_MINUTE),
        a_simulator(stack.simulator_settings()) as simulator,
        a_gateway(first) as one,
        a_gateway(first.model_copy(update=anywhere)) as two,
    ):
        await until(lambda: shown(simulator) == (1, 3, 0))
        assert await make(one.store, utc_now) == 2
        await until(lambda: (version_here(one.metrics), version_here(two.metrics)) == (2, 2))
        await until(lambda: shown(simulator) == (2, 1, 0))


async def test_a_directory_that_was_altered_is_not_started_with(tmp_path: Path) -> None:
    stack = stack_of_two(tmp_path)
    gateway = Gateway(stack.gateway_settings())
    await gateway.open()
    await gateway.drain()
    with closing(sqlite3.connect(tmp_path / "gateway.db")) as file, file:
        file.execute("UPDATE directory_agencies SET content = replace(content, '410105', '410103')")
    again = Gateway(stack.gateway_settings())
    with pytest.raises(Misconfigured, match="version 1 of the agency directory"):
        await again.open()
    await again.drain()


async def test_a_version_that_cannot_be_read_leaves_in_force_what_was(
    store: Store, clock: SettableClock, metrics: Metrics, sql: Run
) -> None:
    in_use = DirectoriesInUse(())
    watch = DirectoryWatchLoop(in_use, store=store, now=clock, metrics=metrics)
    assert not await watch.turn()
    await make(store, clock)
    assert await watch.turn()
    assert not await watch.turn()
    await make(store, clock, name="又一名称")
    sql("UPDATE directory_versions SET made_by = 'x' WHERE number = 2")
    with pytest.raises(DirectoryUnreadable):
        await watch.turn()
    assert in_use.newest == 1
    assert version_here(metrics) == 1


async def test_a_peer_that_does_not_answer_is_tried_again_and_a_new_version_at_once(
    store: Store, clock: SettableClock, metrics: Metrics
) -> None:
    receiver = ScriptedReceiver(failures=[PeerUnavailable("portal")])
    loop = a_publication(store, clock, metrics, receiver)
    await make(store, clock)
    running = asyncio.create_task(loop.run())
    await until(lambda: receiver.in_force() == [1])
    assert receiver.calls == [(1, 1), (1, 1)]
    await make(store, clock, name="又一名称")
    loop.wake_event.wake()
    await until(lambda: receiver.in_force() == [1, 2])
    loop.stop()
    await running
    sample = "duijie_directory_publications_total"
    assert metrics.registry.get_sample_value(sample, {"result": "published"}) == 2


async def test_a_refusal_is_counted_and_said_with_its_code(
    store: Store, clock: SettableClock, metrics: Metrics, caplog: pytest.LogCaptureFixture
) -> None:
    receiver = ScriptedReceiver(refusals={1: "directory.conflict"})
    await make(store, clock)
    await a_publication(store, clock, metrics, receiver).publish()
    (said,) = [vars(one)["facts"] for one in caplog.records if one.msg == "directory.refused"]
    assert said == {"directory": 1, "problem": "directory.conflict"}
    sample = "duijie_directory_publications_total"
    assert metrics.registry.get_sample_value(sample, {"result": "refused"}) == 1
