"""每日待办清单、考核统计: every command of the pages is run as it is printed."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from python_calamine import CalamineWorkbook

from tests.support.stack import a_simulator_thread, make_stack
from tests.support.tree import ROOT
from tests.system.command_line import WITHIN_S, run_here

PAGES: Final = ROOT / "docs" / "howto"
BLOCK: Final = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: str, kind: str = "") -> list[str]:
    """Return what stands in the fences of one kind."""
    text = (PAGES / page).read_text("utf-8")
    return [content for found, content in BLOCK.findall(text) if found == kind]


def commands(page: str) -> list[str]:
    """Return every command of a page, in order."""
    return [line for block in blocks(page) for line in block.splitlines()]


@pytest.fixture
def folder(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """Give the folder of an installation: settings in `var`, three applications at the portal."""
    stack = make_stack(tmp_path / "var")
    monkeypatch.chdir(tmp_path)
    with a_simulator_thread(stack.simulator_settings()):
        for place, count in (("419001", "2"), ("410102", "1")):
            words = ("--place", place, "--count", count, "--control", stack.plan.url("control"))
            assert run_here(capfd, "simulator", "file", *words)[0] == 0
        yield tmp_path


def test_the_daily_poll_is_run_as_its_page_says(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for command in commands("daily-poll.md"):
        program, *words = shlex.split(command)
        assert program == "duijie"
        code, printed, errors = run_here(capfd, *words)
        assert code == 0, f"{command}\n{printed}{errors}"

    made = {path.name for path in (folder / "var").iterdir() if path.suffix in {".csv", ".xlsx"}}
    assert made >= {"待办.xlsx", "电话核实.xlsx", "当日-419001.csv", "当日-410102.csv"}
    assert CalamineWorkbook.from_path(folder / "var" / "待办.xlsx").sheet_names == [
        "410102 郑州市中原区",
        "419001 济源市",
    ]


def test_the_script_of_the_morning_makes_the_days_list_once(folder: Path) -> None:
    (script,) = blocks("daily-poll.md", "sh")
    (folder / "morning.sh").write_text(script, "utf-8")
    program = folder / "bin" / "duijie"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m duijie "$@"\n', "utf-8")
    program.chmod(0o755)
    (cron,) = blocks("daily-poll.md", "cron")
    _, command = cron.strip().split(" cd /opt/duijie && ")

    def run() -> subprocess.CompletedProcess[str]:
        path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
        places = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
        return subprocess.run(
            ["sh", "-c", command],
            cwd=folder,
            env=os.environ | {"PATH": path, "PYTHONPATH": places},
            capture_output=True,
            text=True,
            timeout=WITHIN_S,
            check=False,
        )

    first, second = run(), run()

    assert first.returncode == 0, first.stderr
    (made,) = (folder / "var").glob("待办-*.xlsx")
    assert str(made.relative_to(folder)) in first.stdout
    assert (second.returncode, "已存在" in second.stderr) == (2, True)
    assert "清单没有生成" in second.stdout


def test_the_units_of_systemd_run_the_same_script_on_working_days() -> None:
    service, timer = (
        dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
        for block in blocks("daily-poll.md", "ini")
    )
    assert service["ExecStart"].split() == ["/bin/sh", "morning.sh"]
    assert service["WorkingDirectory"] == "/opt/duijie"
    assert service["SuccessExitStatus"] == "1"  # something is held: the list is there
    assert timer["OnCalendar"] == "Mon..Fri 07:30 Asia/Shanghai"


def test_the_figures_are_counted_as_their_page_says(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run_here(capfd, "gateway", "poll", "--once")[0] == 0
    for command in commands("appraisal.md"):
        code, printed, errors = run_here(capfd, *shlex.split(command)[1:])
        assert code == 0, f"{command}\n{printed}{errors}"
    assert (folder / "var" / "通报.xlsx").exists()


@pytest.mark.parametrize("page", ["daily-poll", "appraisal"])
def test_the_twin_prints_the_same_blocks(page: str) -> None:
    assert BLOCK.findall((PAGES / f"{page}.md").read_text("utf-8")) == BLOCK.findall(
        (PAGES / f"{page}.en.md").read_text("utf-8")
    )
