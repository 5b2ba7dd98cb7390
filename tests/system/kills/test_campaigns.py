"""Long campaigns in short: power cuts and failovers lose and double nothing; rounds add up."""

import io
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.support.needs import absent
from tests.support.postgres import CURE
from tests.system.kills.checker import Report
from tests.system.kills.checker_rules import Deviation, DeviationKind
from tests.system.kills.evidence import Evidence, Recorder, in_rounds
from tests.system.kills.failovers import ServersAbsent, fail_over, replicated_servers
from tests.system.kills.fork_server import ForkServer, a_fork_server
from tests.system.kills.harness import a_kill_harness
from tests.system.kills.power_cuts import Disk, PowerCutUnavailable, a_disk, cut_power
from tests.system.kills.progress import EVERY_S, CampaignProgress
from tests.system.kills.replicated import ReplicatedServer


@pytest.fixture(scope="module")
async def fork_server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ForkServer]:
    """Spawn the subjects of all tests here."""
    async with a_fork_server(tmp_path_factory.mktemp("subjects") / "log") as running:
        yield running


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """Give a disk that can lose power; only root can mount one, and few containers let it."""
    try:
        with a_disk(tmp_path) as mounted:
            yield mounted
    except PowerCutUnavailable as exc:
        pytest.skip(f"no power can be cut here: {exc}")


async def test_power_cuts_lose_and_double_nothing(
    tmp_path: Path, disk: Disk, fork_server: ForkServer
) -> None:
    evidence = await cut_power(tmp_path, disk, fork_server, cuts=2, seed=5)

    assert evidence.report.findings == ()
    assert evidence.report.filed == evidence.report.back + evidence.report.withdrawn > 2 * 4
    assert (disk.cuts, disk.forgotten) == (2, 2)  # a disk that forgets nothing proves nothing


@pytest.fixture(scope="module")
def servers() -> Iterator[ReplicatedServer]:
    """Give a primary with its synchronous standby."""
    try:
        with replicated_servers() as running:
            yield running
    except ServersAbsent:
        absent("PostgreSQL", CURE)


async def test_a_failover_loses_and_doubles_nothing_that_was_acknowledged(
    tmp_path: Path, fork_server: ForkServer, servers: ReplicatedServer
) -> None:
    # Given a row that the primary has acknowledged, beside the ledger
    servers.primary.ask(b"CREATE TABLE kept (n int)")
    servers.primary.ask(b"INSERT INTO kept VALUES (1)")
    dead = servers.primary

    # When the primary dies under a gateway at work
    async with a_kill_harness(tmp_path, servers.url) as harness:
        evidence, gave_up = await fail_over(harness, fork_server, servers, failovers=1, seed=5)

    # Then the standby has taken over, with everything, and the gateway has gone on
    assert (servers.failovers, gave_up) == (1, 0)
    assert servers.primary is not dead
    assert servers.primary.ask(b"SELECT count(*) FROM kept") == 1
    assert evidence.report.findings == ()
    assert evidence.report.filed == evidence.report.back + evidence.report.withdrawn > 4


def a_report(*, filed: int, lost: int = 0, worst_s: float = 1.0) -> Report:
    findings = (Deviation(DeviationKind.LOST, "A-1", "acknowledged, no result in effect"),) * lost
    return Report(
        filed=filed,
        acknowledged=filed,
        back=filed - lost,
        withdrawn=0,
        corrected=0,
        registered=0,
        deregistered=0,
        reassigned=0,
        superseded=0,
        lost=lost,
        doubled=0,
        redelivered=1,
        redispatched=0,
        resubmitted=0,
        rereported=0,
        worst_there_and_back_s=worst_s,
        findings=findings,
    )


def test_rounds_have_all_deaths_and_none_is_large() -> None:
    assert list(in_rounds(250, largest=100)) == [(0, 100), (1, 100), (2, 50)]
    assert sum(deaths for _, deaths in in_rounds(500)) == 500


def test_the_evidence_of_rounds_adds_up_and_a_finding_in_any_of_them_counts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "evidence.json"
    with Recorder({"campaign": "kills"}, file) as recorder:
        recorder.add(Evidence(7, 100, {"page-stored": 2}, a_report(filed=10, worst_s=3.0)), cuts=4)
        assert recorder.exit_code == 0
        so_far = json.loads(file.read_text("utf-8"))
        lossy = Evidence(9, 50, {"page-stored": 1, "none": 1}, a_report(filed=5, lost=1))
        recorder.add(lossy, cuts=1)
        assert recorder.exit_code == 1
    whole = json.loads(capsys.readouterr().out)

    assert (so_far["kills"], so_far["cuts"], so_far["report"]["filed"]) == (100, 4, 10)
    assert (whole["kills"], whole["cuts"], whole["seed"]) == (150, 5, 7)
    assert whole["last_steps"] == {"page-stored": 3, "none": 1}
    assert (whole["report"]["filed"], whole["report"]["lost"]) == (15, 1)
    assert whole["report"]["worst_there_and_back_s"] == 3.0
    assert len(whole["report"]["findings"]) == 1


def test_a_campaign_that_saw_nothing_proves_nothing() -> None:
    assert Recorder({}, None).exit_code == 1


class Terminal(io.StringIO):
    """A stream on which a person looks."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def test_progress_is_a_line_a_minute_and_a_bar_on_a_terminal() -> None:
    at_s = 0.0
    lines, terminal = io.StringIO(), Terminal()
    both = [CampaignProgress(10, "kills", stream, lambda: at_s) for stream in (lines, terminal)]
    for _ in range(10):
        at_s += EVERY_S / 3
        for progress in both:
            progress.step()

    assert lines.getvalue().splitlines() == [
        "3/10 kills, 60 s",
        "6/10 kills, 120 s",
        "9/10 kills, 180 s",
        "10/10 kills, 200 s",
    ]
    assert terminal.getvalue().count("\r") == 10
    assert terminal.getvalue().endswith(f"[{'#' * 40}] 10/10 kills, 200 s\n")
