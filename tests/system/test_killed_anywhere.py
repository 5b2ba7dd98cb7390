"""随处可杀: the gateway dies at every failpoint on its way; nothing is lost or doubled."""

import ast
import asyncio
import inspect
import signal
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

import pytest

from duijie.clients.control_client import ControlClient
from gateway.app.lifecycle import Gateway
from gateway.config import PREFIX
from gateway.errors import Misconfigured
from gateway.flows.failpoints import Failpoint, no_hook
from gateway.settings_file import load_settings
from schemas.records.canonical_form import content_digest
from simulator.agencies.counter import Ending
from simulator.web.control.requests import ArmFaultRequest
from tests.support.failpoints import DEREGISTERING, ON_THE_WAY, PUSHING, REGISTERING
from tests.support.stack import PROVINCE, make_stack
from tests.support.tree import PACKAGES, modules, named
from tests.support.until import until
from tests.system.kills.campaign import SQLITE, campaign
from tests.system.kills.checker import Report, check
from tests.system.kills.checker_rules import DeviationKind
from tests.system.kills.fork_server import Death, ForkServer, a_fork_server
from tests.system.kills.harness import KillHarness, a_kill_harness
from tests.system.kills.load import Load
from tests.system.kills.subject import KillSpec
from tests.system.kills.timing import outlive_leases
from tests.system.kills.transcript import transcribe
from tests.system.kills.transcript_shape import read_transcript

TRACES: Final[Mapping[Failpoint, str]] = MappingProxyType(
    {
        Failpoint.PAGE_RECEIVED: "redelivered",
        Failpoint.PAGE_SCREENED: "redelivered",
        Failpoint.PAGE_WRITTEN: "redelivered",
        Failpoint.PAGE_STORED: "redelivered",
        Failpoint.DISPATCH_SENT: "redispatched",
        Failpoint.DISPATCH_MARKED: "redispatched",
        Failpoint.OUTCOME_RECEIVED: "resubmitted",
        Failpoint.OUTCOME_WRITTEN: "resubmitted",
        Failpoint.OUTCOME_STORED: "resubmitted",
        Failpoint.REPORT_SENT: "rereported",
        Failpoint.REPORT_MARKED: "rereported",
    }
)
"""What must come again after a death there: without it the death would have proven nothing."""
SECOND: Final = (
    Failpoint.PAGE_STORED,
    Failpoint.DISPATCH_SENT,
    Failpoint.OUTCOME_WRITTEN,
    Failpoint.OUTCOME_STORED,
    Failpoint.REPORT_SENT,
    Failpoint.REPORT_MARKED,
)
"""Failpoints at which the gateway also dies when it passes them for the second time."""


@pytest.fixture(scope="module")
async def fork_server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ForkServer]:
    """Spawn the subjects of all tests here."""
    async with a_fork_server(tmp_path_factory.mktemp("subjects") / "log") as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> str:
    """Give the address of an empty store, of each kind in turn."""
    if request.param == "sqlite":
        return SQLITE
    make_ledger_database: Callable[[], str] = request.getfixturevalue("make_ledger_database")
    return make_ledger_database()


async def killed_and_restarted(
    harness: KillHarness, fork_server: ForkServer, at: Failpoint, nth: int
) -> tuple[Death, Report]:
    load = Load(harness.simulator, harness.clock)
    async with asyncio.TaskGroup() as people:
        people.create_task(load.run(people))
        subject = await fork_server.spawn(KillSpec(harness.config, at, nth))
        death = await subject.planned_death()
        outlive_leases(harness.clock)
        await harness.finish(load)
    return death, check(read_transcript(await transcribe(harness.simulator, load)))


@pytest.mark.parametrize(
    ("at", "nth"),
    [*((at, 1) for at in ON_THE_WAY), *((at, 2) for at in SECOND)],
)
async def test_a_death_at_any_failpoint_loses_and_doubles_nothing(
    tmp_path: Path, fork_server: ForkServer, store: str, at: Failpoint, nth: int
) -> None:
    async with a_kill_harness(tmp_path, store) as harness:
        death, report = await killed_and_restarted(harness, fork_server, at, nth)

    assert death == Death(-signal.SIGKILL, f"{at} {nth}")
    assert report.findings == ()
    assert report.filed == report.acknowledged == report.back + report.withdrawn == 13
    assert report.corrected == 3
    assert at not in TRACES or getattr(report, TRACES[at]) > 0


@pytest.mark.parametrize("at", PUSHING)
async def test_a_death_while_the_portal_pushes_loses_and_doubles_nothing(
    tmp_path: Path, fork_server: ForkServer, store: str, at: Failpoint
) -> None:
    async with a_kill_harness(tmp_path, store) as harness:
        # Given a national side that pushes, and whose download is out of order: nothing comes by it
        async with ControlClient(harness.simulator.addresses.control) as control:
            fault = ArmFaultRequest(fault="unavailable", operation="downloadApplications", every=1)
            await control.arm(fault)
        harness.simulator.pushers[PROVINCE].switch(on=True)
        death, report = await killed_and_restarted(harness, fork_server, at, 1)

    assert death == Death(-signal.SIGKILL, f"{at} 1")
    assert report.findings == ()
    assert report.filed == report.acknowledged == report.back + report.withdrawn == 13
    assert report.redelivered > 0


@pytest.mark.parametrize("at", [*REGISTERING, Failpoint.REPORT_SENT, Failpoint.REPORT_MARKED])
async def test_a_death_while_registrations_come_loses_and_doubles_nothing(
    tmp_path: Path, fork_server: ForkServer, store: str, at: Failpoint
) -> None:
    async with a_kill_harness(tmp_path, store) as harness:
        # Given an agency that hands in what it accepted at its counter, and a gateway that dies
        agency = harness.simulator.agencies["4190010001"]
        people = harness.simulator.entry.people_at(agency.settings.division, 5, seed=11)
        keys = agency.register(people)
        subject = await fork_server.spawn(KillSpec(harness.config, at))
        assert await subject.planned_death() == Death(-signal.SIGKILL, f"{at} 1")
        outlive_leases(harness.clock)

        # When another gateway serves the same ledger
        def is_back() -> bool:
            return not agency.counter.waiting() and all(map(harness.book.local_results, keys))

        async with harness.gateway():
            await until(is_back)

        # Then each registration is in effect once, as it was accepted, and the death left its trace
        handed_in = agency.counter.registrations.records
        (effects,) = zip(*(harness.book.local_results(key) for key in keys), strict=True)
        assert [one.digest for one in effects] == [content_digest(one.record) for one in handed_in]
        again = sum(one.sent - 1 for one in handed_in)
        assert (again if at in REGISTERING else sum(one.repeats for one in effects)) > 0


@pytest.mark.parametrize("at", DEREGISTERING)
async def test_a_death_while_deregistrations_come_loses_and_doubles_nothing(
    tmp_path: Path, fork_server: ForkServer, store: str, at: Failpoint
) -> None:
    async with a_kill_harness(tmp_path, store) as harness:
        # Given people who are registered, an agency that ends that, and a gateway that dies
        agency = harness.simulator.agencies["4190010001"]
        people = harness.simulator.entry.people_at(agency.settings.division, 4, seed=11)
        keys = agency.register(people)
        subject = await fork_server.spawn(KillSpec(harness.config, at))
        await until(lambda: all(map(harness.book.local_results, keys)))
        passed = [key for key in keys if harness.book.registration_in_force(key)]
        agency.deregister([Ending(key, "11", "05", is_informed=False) for key in passed])
        assert await subject.planned_death() == Death(-signal.SIGKILL, f"{at} 1")
        outlive_leases(harness.clock)

        # When another gateway serves the same ledger
        def are_ended() -> bool:
            return not agency.counter.waiting() and all(
                map(harness.book.deregistrations_of, passed)
            )

        async with harness.gateway() as gateway:
            await until(are_ended)
            due = await gateway.store.read(
                lambda views: views.notices_due(before=None, after=None, limit=50)
            )

        # Then each registration ended once, whoever is to be told is listed, and it came again
        assert {one.key for one in due} == set(passed) != set()
        for key in passed:
            assert list(harness.book.deregistrations_of(key)) == [1]
        assert sum(one.sent - 1 for one in agency.counter.deregistrations.records) > 0


async def test_deaths_at_random_moments_lose_and_double_nothing(
    tmp_path: Path, fork_server: ForkServer, store: str
) -> None:
    async with a_kill_harness(tmp_path, store, hesitant=True) as harness:
        evidence = await campaign(harness, fork_server, kills=5, seed=11)

    report = evidence.report
    assert report.findings == ()
    assert min(report.registered, report.deregistered, report.reassigned) > 0
    assert sum(evidence.last_steps.values()) == 5
    assert report.filed == report.back + report.withdrawn > 5 * 4


async def test_a_ledger_thrown_away_after_a_death_is_found_out(
    tmp_path: Path, fork_server: ForkServer
) -> None:
    # Given a gateway that died when it had acknowledged a page, and its ledger thrown away
    async with a_kill_harness(tmp_path) as harness, asyncio.TaskGroup() as people:
        load = Load(harness.simulator, harness.clock)
        await load.file_wave(people, corrects_every=9)
        subject = await fork_server.spawn(KillSpec(harness.config, Failpoint.PAGE_ACKNOWLEDGED))
        await subject.death()
        gone = load.filed.keys() - load.withdrawn
        throw_away(tmp_path)

        # When another gateway serves new applications from an empty ledger
        await load.file_wave(people, corrects_every=9)
        later = load.filed.keys() - load.withdrawn - gone
        async with harness.gateway():
            await until(lambda: all(harness.book.results_of(number) for number in later))
        report = check(read_transcript(await transcribe(harness.simulator, load)))

    # Then exactly the applications of the thrown ledger are lost
    assert {
        one.application_no for one in report.findings if one.violation is DeviationKind.LOST
    } == gone
    assert report.lost == len(gone) == 4
    assert report.doubled == 0


def throw_away(folder: Path) -> None:
    for file in folder.glob("gateway.db*"):
        file.unlink()


def test_no_setting_reaches_the_failpoints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make_stack(tmp_path).gateway_file
    for name in ("hook", "failpoint", "kill", "at"):
        monkeypatch.setenv(f"{PREFIX}{name.upper()}", Failpoint.REPORT_SENT)
        with pytest.raises(Misconfigured, match="unknown setting"):
            load_settings(path)
        monkeypatch.delenv(f"{PREFIX}{name.upper()}")
        other = tmp_path / f"{name}.toml"
        other.write_text(f'{name} = "{Failpoint.REPORT_SENT}"\n{path.read_text("utf-8")}', "utf-8")
        with pytest.raises(Misconfigured, match="unknown setting"):
            load_settings(other)


def test_no_program_of_the_project_listens_to_the_failpoints() -> None:
    made = [
        (named(path), call) for path in modules(*PACKAGES) for call in calls_of("Gateway", path)
    ]
    assert {path for path, _ in made} >= {
        "gateway/process.py",
        "duijie/commands/gateway_poll.py",
    }
    for path, call in made:
        assert "hook" not in {word.arg for word in call.keywords}, path
        assert None not in {word.arg for word in call.keywords}, f"{path}: **"
        assert len(call.args) == 1, path
    assert inspect.signature(Gateway).parameters["hook"].default is no_hook


def calls_of(name: str, path: Path) -> list[ast.Call]:
    tree = ast.parse(path.read_text("utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [call for call in calls if ast.unparse(call.func).rpartition(".")[2] == name]
