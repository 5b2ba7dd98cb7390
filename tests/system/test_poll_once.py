"""`duijie gateway poll --once`: what it prints, and what its exit code says, on both stores."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from duijie.cli import run
from tests.support.stack import a_simulator_thread, make_stack
from tests.system.command_line import run_here

HERE = "here"
HEADINGS = ["申请编号", "登记失业地", "经办机构", "办结时限", "说明"]


@dataclass(frozen=True)
class PollWorkspace:
    """A prepared folder and a running simulator, no gateway."""

    cwd: Path
    control: str
    simulator: ExitStack
    capfd: pytest.CaptureFixture[str]

    def file(self, place: str, count: int = 1) -> list[str]:
        """File applications; return their numbers."""
        self.capfd.readouterr()
        words = ("--place", place, "--count", str(count), "--control", self.control)
        assert run(("simulator", "file", *words)) == 0
        return self.capfd.readouterr().out.split()

    def poll(self) -> tuple[int, list[list[str]], str]:
        """Poll once; return the exit code, the table row by row, and what else was printed."""
        config = ("--config", str(self.cwd / HERE / "gateway.toml"))
        code, printed, errors = run_here(self.capfd, "gateway", "poll", "--once", *config)
        lines = printed.splitlines()
        rows = [line.split() for line in lines if line.startswith(("申请编号", "SYDJ"))]
        return code, rows, printed + errors


@pytest.fixture(params=["sqlite", "postgresql"])
def workspace(
    request: pytest.FixtureRequest, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> Iterator[PollWorkspace]:
    """Prepare a ledger of each kind in turn."""
    store = "sqlite:///ledger.db"
    if request.param == "postgresql":
        make_database: Callable[[], str] = request.getfixturevalue("make_database")
        store = make_database()
    stack = make_stack(tmp_path / HERE, store=store)
    with a_simulator_thread(stack.simulator_settings()) as simulator:
        yield PollWorkspace(tmp_path, stack.plan.url("control"), simulator, capfd)


def test_polling_ends_with_0_for_done_1_for_held_and_3_for_unreachable(
    workspace: PollWorkspace,
) -> None:
    # Nothing waits, and then two that can be routed
    code, rows, printed = workspace.poll()
    assert (code, rows) == (0, [])
    assert "没有等待下载的申请" in printed
    numbers = workspace.file("419001", count=2)
    code, rows, printed = workspace.poll()
    assert code == 0, printed
    assert rows[0] == HEADINGS
    assert [row[0] for row in rows[1:]] == numbers
    for _, place, agency, due, remark in rows[1:]:
        assert place.startswith("河南省济源市")
        assert agency == "济源市公共就业服务中心（模拟）"
        assert len(due.split("-")) == 3
        assert remark == "–"
    assert "共 2 件：新接收 2，重复 0，挂起 0。" in printed

    # One whose place has no agency: held and shown, with its due date, among the others
    [held] = workspace.file("410200")
    [routed] = workspace.file("410102")
    code, rows, printed = workspace.poll()
    assert code == 1, printed
    by_number = {row[0]: row for row in rows[1:]}
    assert set(by_number) == {held, routed}
    assert by_number[held][1].startswith("河南省开封市")
    assert by_number[held][2] == "–"
    assert len(by_number[held][3].split("-")) == 3
    assert by_number[held][4].startswith("挂起")
    assert by_number[routed][2] == "郑州市公共就业服务中心（模拟）"
    assert "挂起 1。" in printed
    assert workspace.poll()[:2] == (0, [])

    # Nobody there: told with cause and cure, and nothing is taken for done
    workspace.simulator.close()
    code, rows, printed = workspace.poll()
    assert (code, rows) == (3, [])
    assert "Traceback" not in printed
    assert "没有等待下载的申请" not in printed
    assert "部端" in printed
