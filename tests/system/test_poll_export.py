"""`duijie gateway poll --once --export`: the morning's list, and who saw persons in full."""

import asyncio
import csv
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from tests.support.stack import a_gateway, a_simulator_thread, make_stack
from tests.system.command_line import run_here

HERE = "here"
COLUMNS = ["序号", "证件号码", "姓名", "手机号码", "失业时间", "审批人信息"]


@dataclass(frozen=True)
class Morning:
    """A prepared folder, a running simulator, no gateway."""

    cwd: Path
    control: str
    simulator: ExitStack
    capfd: pytest.CaptureFixture[str]

    def file(self, place: str, count: int = 1) -> list[str]:
        """File applications; return their numbers."""
        words = ("--place", place, "--count", str(count), "--control", self.control)
        code, numbers, errors = run_here(self.capfd, "simulator", "file", *words)
        assert code == 0, errors
        return numbers.split()

    def gateway(self, *words: str) -> tuple[int, str, str]:
        """Run a command of the gateway."""
        config = ("--config", str(self.cwd / HERE / "gateway.toml"))
        return run_here(self.capfd, "gateway", *words, *config)

    def export(self, name: str, *words: str) -> tuple[int, str, str]:
        """Poll and export."""
        return self.gateway("poll", "--once", "--export", str(self.cwd / name), *words)

    def disclosures(self) -> list[dict[str, object]]:
        """Return who had persons shown in full."""
        code, listed, errors = self.gateway("audit", "disclosures", "--json")
        assert code == 0, errors
        entries: list[dict[str, object]] = json.loads(listed)
        return entries


@pytest.fixture(params=["sqlite", "postgresql"])
def morning(
    request: pytest.FixtureRequest, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> Iterator[Morning]:
    """Prepare a ledger of each kind in turn."""
    store = "sqlite:///ledger.db"
    if request.param == "postgresql":
        make_database: Callable[[], str] = request.getfixturevalue("make_database")
        store = make_database()
    stack = make_stack(tmp_path / HERE, store=store)
    with a_simulator_thread(stack.simulator_settings()) as simulator:
        yield Morning(tmp_path, stack.plan.url("control"), simulator, capfd)


def test_the_list_has_henans_columns_a_sheet_a_division_and_persons_masked(
    morning: Morning,
) -> None:
    morning.file("419001", count=2)
    morning.file("410102")

    code, printed, errors = morning.export("待办.xlsx")

    assert code == 0, errors
    assert "济源市：待办 2 件" in printed
    book = CalamineWorkbook.from_path(morning.cwd / "待办.xlsx")
    sheets = {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
    assert {name: len(rows) for name, rows in sheets.items()} == {
        "410102 郑州市中原区": 2,
        "419001 济源市": 3,
    }
    for heading, *rows in sheets.values():
        assert heading == COLUMNS
        assert [row[0] for row in rows] == [str(number) for number in range(1, len(rows) + 1)]
        assert all("*" in str(row[1]) and "*" in str(row[2]) for row in rows)
        assert {row[3] for row in rows} == {"*" * 11}
        assert all("（模拟），责任人：未登记" in str(row[5]) for row in rows)
    assert morning.disclosures() == []


def test_persons_in_full_need_a_reason_and_are_entered_before_anything_is_written(
    morning: Morning,
) -> None:
    morning.file("419001", count=2)
    assert morning.gateway("poll", "--once")[0] == 0

    assert morning.export("a.csv", "--unmask")[0] == 2
    assert morning.export("a.csv", "--unmask", "--operator", "李敏")[0] == 2
    assert morning.disclosures() == []

    words = ("--unmask", "--operator", "李敏", "--reason", "电话核实")
    code, printed, errors = morning.export("a.csv", *words, "--json")

    assert code == 0, errors
    (file,) = json.loads(printed)["files"]
    assert Path(file).name == "a-419001.csv"
    with Path(file).open(encoding="utf-8-sig", newline="") as opened:
        heading, *rows = list(csv.reader(opened))
    assert heading == COLUMNS
    assert all(len(row[1].strip("\t")) == 18 and "*" not in "".join(row[:5]) for row in rows)
    (entry,) = morning.disclosures()
    assert (entry["actor"], entry["act"], entry["persons"], entry["reason"]) == (
        *("operator:李敏", "poll.export", 2),
        "电话核实",
    )

    # What cannot be written was entered all the same: nobody sees anything that is not
    code, _, errors = morning.export("a.csv", *words)
    assert (code, "已存在" in errors) == (2, True)
    assert len(morning.disclosures()) == 1
    code, printed, _ = morning.gateway("audit", "disclosures")
    assert "经手人 李敏" in printed
    assert "电话核实" in printed


def test_a_file_that_is_there_stays_and_nothing_is_downloaded(morning: Morning) -> None:
    numbers = morning.file("419001")
    there = morning.cwd / "待办.xlsx"
    there.write_text("昨日", "utf-8")

    code, _, errors = morning.export("待办.xlsx")

    assert (code, "已存在" in errors) == (2, True)
    assert there.read_text("utf-8") == "昨日"
    code, printed, _ = morning.export("待办.xlsx", "--force", "--json")
    assert code == 0
    assert [one["application_no"] for one in json.loads(printed)["downloaded"]] == numbers
    assert CalamineWorkbook.from_path(there).sheet_names == ["419001 济源市"]


def test_without_the_national_side_there_is_no_list_unless_no_download_is_asked_for(
    morning: Morning,
) -> None:
    morning.file("419001")
    assert morning.gateway("poll", "--once")[0] == 0
    morning.simulator.close()

    assert morning.export("a.xlsx")[0] == 3
    assert not (morning.cwd / "a.xlsx").exists()
    code, printed, _ = morning.export("a.xlsx", "--no-download")
    assert (code, "部端" in printed) == (0, False)
    assert (morning.cwd / "a.xlsx").exists()


def test_what_is_held_is_listed_and_ends_with_1(morning: Morning) -> None:
    morning.file("410200")

    code, _, _ = morning.export("a.xlsx", "--by", "city")

    assert code == 1
    (row,) = (
        CalamineWorkbook.from_path(morning.cwd / "a.xlsx")
        .get_sheet_by_name("410200 开封市")
        .to_python()[1:]
    )
    assert row[5] == "未分派（登记失业地没有对应的经办机构）"


def test_division_and_days_choose_what_is_listed(morning: Morning) -> None:
    morning.file("419001")
    morning.file("410102")
    code, printed, _ = morning.export("a.csv", "--division", "410100", "--json")
    assert (code, json.loads(printed)["exported"]) == (0, {"郑州市中原区": 1})
    code, printed, _ = morning.export("b.csv", "--to", "2020-01-01", "--no-download")
    assert (code, "未生成文件" in printed) == (0, True)
    assert sorted(path.name for path in morning.cwd.glob("*.csv")) == ["a-410102.csv"]


@pytest.mark.parametrize(
    "words",
    [
        ("--export", "a.txt"),
        ("--export", "a.csv", "--division", "999999"),
        ("--export", "a.csv", "--from", "2026-13-01"),
        ("--export", "a.csv", "--from", "2026-03-02", "--to", "2026-03-01"),
        ("--no-download",),
        ("--unmask", "--operator", "李敏", "--reason", "电话核实"),
        ("--export", "none/a.xlsx"),
    ],
)
def test_wrong_usage_is_said_and_ends_with_2(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    stack = make_stack(tmp_path / HERE)
    config = ("--config", str(stack.gateway_file))
    code, _, errors = run_here(capfd, "gateway", "poll", "--once", *words, *config)
    assert code == 2, errors
    assert "处理办法" in errors
    assert not (tmp_path / HERE / "ledger.db").exists()


async def test_beside_a_running_gateway_what_it_downloaded_is_exported(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    stack = make_stack(tmp_path / HERE)
    settings = stack.gateway_settings()
    export = (
        *("gateway", "poll", "--once", "--no-download"),
        *("--export", str(tmp_path / "a.xlsx"), "--config", str(stack.gateway_file)),
    )
    unmask = ("--unmask", "--operator", "李敏", "--reason", "电话核实")
    async with a_gateway(settings):
        code, printed, errors = await asyncio.to_thread(run_here, capfd, *export)
        assert (code, "未生成文件" in printed) == (0, True), errors
        code, _, errors = await asyncio.to_thread(run_here, capfd, *export, *unmask)
    assert (code, "台账已被占用" in errors) == (2, True)
