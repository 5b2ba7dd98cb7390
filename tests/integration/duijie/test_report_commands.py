"""`gateway overdue` and `gateway scoreboard`: tables, files, JSON, and what the exit code says."""

import asyncio
import csv
import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from python_calamine import CalamineWorkbook

from gateway.adapters.ledger.store import open_ledger
from gateway.config import Settings
from gateway.domain.case import State
from gateway.ports.cases import Opening
from storage.sealing_keys import load_sealer
from tests.builders.ledger import AT, a_message, an_opening
from tests.support.stack import make_stack
from tests.system.command_line import run_here

FRIDAY = datetime(2026, 3, 6, 1, tzinfo=UTC)
JIYUAN, ZHENGZHOU = "4190010001", "4101000001"
Command = Callable[..., tuple[int, str, str]]


def openings() -> list[Opening]:
    """Return cases of two agencies, three overdue, one due today, one on Monday, one on Tuesday."""
    jiyuan = {"agency": JIYUAN, "place_division": "419001"}
    zhengzhou = {"agency": ZHENGZHOU, "place_division": "410105"}
    nobody = {"agency": None, "place_division": "410202", "state": State.HELD}
    late = {"submitted_at": AT - timedelta(hours=2)}
    return [
        an_opening("SQ1", due_on=date(2026, 3, 5), **jiyuan),
        an_opening("SQ2", due_on=date(2026, 3, 2), **jiyuan, **late),
        an_opening("SQ3", due_on=date(2026, 3, 6), **zhengzhou),
        an_opening("SQ4", due_on=date(2026, 3, 9), **zhengzhou, **late),
        an_opening("SQ5", due_on=date(2026, 3, 10), **zhengzhou),
        an_opening("SQ6", due_on=date(2026, 3, 5), hold_reason="place.no-agency", **nobody),
        an_opening("SQ7", due_on=date(2026, 3, 2), state=State.REPORTED, **jiyuan),
    ]


async def fill(settings: Settings, cases: list[Opening]) -> None:
    store = open_ledger(settings.store, sealer=load_sealer(settings.ledger_keys), now=lambda: AT)
    await store.transact(lambda ledger: ledger.cases.open(cases))
    sent = a_message("SQ1", peer=JIYUAN)
    await store.transact(lambda ledger: ledger.outbox.enqueue([sent]))
    await store.close()


@pytest.fixture
def command(
    request: pytest.FixtureRequest, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> Iterator[Command]:
    """Give the gateway's commands over a ledger with these cases, on a Friday in March."""
    stack = make_stack(tmp_path / "here")
    asyncio.run(fill(stack.gateway_settings(), openings()))

    def run(*words: str) -> tuple[int, str, str]:
        return run_here(capfd, "gateway", *words, "--config", str(stack.gateway_file))

    with time_machine.travel(FRIDAY, tick=True):
        yield run


def overdue_of(command: Command, *words: str) -> list[dict[str, object]]:
    _, printed, errors = command("overdue", "--json", *words)
    listed: list[dict[str, object]] = json.loads(printed)
    assert errors == ""
    return listed


def test_the_overdue_come_by_agency_and_oldest_first(command: Command) -> None:
    listed = overdue_of(command)

    shown = [(one["key"], one["agency_code"], one["working_days_late"]) for one in listed]
    assert shown == [
        ("SQ6", None, 1),
        ("SQ3", ZHENGZHOU, 0),
        ("SQ4", ZHENGZHOU, -1),
        ("SQ2", JIYUAN, 4),
        ("SQ1", JIYUAN, 1),
    ]
    assert [one["overdue"] for one in listed] == [True, False, False, True, True]
    assert {one["responsible_person"] for one in listed} == {None}


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        (("--warn-days", "0"), "SQ6 SQ3 SQ2 SQ1"),
        (("--warn-days", "2"), "SQ6 SQ3 SQ4 SQ5 SQ2 SQ1"),
        (("--agency", JIYUAN), "SQ2 SQ1"),
        (("--division", "410100"), "SQ3 SQ4"),
        (("--division", "410202"), "SQ6"),
        (("--agency", "none"), ""),
    ],
)
def test_warning_agency_and_division_choose_what_is_listed(
    command: Command, words: tuple[str, ...], keys: str
) -> None:
    assert [one["key"] for one in overdue_of(command, *words)] == keys.split()


def test_the_table_says_how_late_who_answers_and_how_it_was_sent(command: Command) -> None:
    code, printed, _ = command("overdue")

    assert code == 1
    rows = {line.split()[2]: line for line in printed.splitlines() if " SQ" in line}
    assert "济源市公共就业服务中心（模拟）" in rows["SQ1"]
    assert "未登记" in rows["SQ1"]
    assert "逾期 1 个工作日" in rows["SQ1"]
    assert "待发 2026-03-02 09:30" in rows["SQ1"]
    assert "逾期 4 个工作日" in rows["SQ2"]
    assert "未送出" in rows["SQ2"]
    assert "今日到期" in rows["SQ3"]
    assert "剩余 1 个工作日" in rows["SQ4"]
    assert "挂起：登记失业地没有对应的经办机构" in rows["SQ6"]
    (summary,) = [
        line for line in printed.splitlines() if line.startswith("济源") and " 件" in line
    ]
    assert summary.split()[-4:] == ["2", "件", "0", "件"]


def test_nothing_overdue_ends_with_0(command: Command) -> None:
    assert command("overdue", "--division", "410100")[0] == 0
    code, printed, _ = command("overdue", "--division", "230000")
    assert (code, "没有逾期和将到期的办件" in printed) == (0, True)


def test_the_overdue_go_to_both_kinds_of_file(command: Command, tmp_path: Path) -> None:
    code, _, errors = command(
        *("overdue", "--csv", str(tmp_path / "a.csv")), *("--xlsx", str(tmp_path / "a.xlsx"))
    )

    assert code == 1
    assert "已写入" in errors
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    book = CalamineWorkbook.from_path(tmp_path / "a.xlsx")
    assert book.sheet_names == ["逾期和将到期", "汇总"]
    assert book.get_sheet_by_index(0).to_python() == rows
    assert [row[2] for row in rows[1:]] == ["SQ6", "SQ3", "SQ4", "SQ2", "SQ1"]
    assert [row[2:] for row in book.get_sheet_by_index(1).to_python()[1:]] == [
        *(["1 件", "0 件"], ["0 件", "2 件"], ["2 件", "0 件"])
    ]


def scoreboard(command: Command, *words: str) -> list[dict[str, object]]:
    _, printed, errors = command(
        *("scoreboard", "--from", "2026-03-02", "--to", "2026-03-31", "--json"), *words
    )
    assert errors == ""
    lines: list[dict[str, object]] = json.loads(printed)
    return lines


def test_the_scoreboard_counts_by_city_and_lists_what_it_counts(command: Command) -> None:
    lines = scoreboard(command)

    figures = {
        line["name"]: (line["received"], line["docked_late"], line["answered_late"])
        for line in lines
    }
    assert figures == {"郑州市": (3, 1, 0), "开封市": (1, 0, 1), "济源市": (3, 1, 2)}
    for line in lines:
        for figure in (
            "received",
            "docked-late",
            "answered-late",
            "feedback-wrong",
            "updated-late",
        ):
            division = ("--division", str(line["division"]))
            listed = scoreboard(command, "--cases", figure, *division)
            assert len(listed) == line[figure.replace("-", "_")]


def test_the_counties_are_counted_where_that_is_asked_for(command: Command) -> None:
    lines = scoreboard(command, "--by", "county")
    assert {line["name"]: line["received"] for line in lines} == {
        "郑州市金水区": 3,
        "开封市龙亭区": 1,
        "济源市": 3,
    }
    assert scoreboard(command, "--unplaced") == []


def test_the_scoreboard_is_a_table_with_a_sum_and_a_file(command: Command, tmp_path: Path) -> None:
    period = ("scoreboard", "--from", "2026-03-02", "--to", "2026-03-31")
    code, printed, _ = command(*period)
    assert code == 0
    (total,) = [line.split() for line in printed.splitlines() if "合计" in line]
    assert total[1:] == ["7", "2", "3", "0", "0"]

    assert command(*period, "--xlsx", str(tmp_path / "通报.xlsx"))[0] == 0
    rows = CalamineWorkbook.from_path(tmp_path / "通报.xlsx").get_sheet_by_index(0).to_python()
    assert rows[0] == [
        *("行政区划", "地区", "接收转办申请", "对接滞后", "响应逾期", "反馈不准", "更新不及时")
    ]
    assert rows[-1] == ["", "合计", "7", "2", "3", "0", "0"]
    assert command(*period, "--xlsx", str(tmp_path / "通报.xlsx"))[0] == 2


def test_the_cases_behind_a_figure_say_why(command: Command) -> None:
    code, printed, _ = command(
        *("scoreboard", "--from", "2026-03-02", "--to", "2026-03-31"),
        *("--cases", "answered-late", "--division", "419001"),
    )
    assert code == 0
    assert "共 2 件" in printed
    assert "超过办结时限，尚未办结" in printed


@pytest.mark.parametrize(
    "words",
    [
        ("scoreboard", "--from", "2026-03-02"),
        ("scoreboard", "--from", "2026-03-02", "--to", "2026-03-01"),
        ("scoreboard", "--from", "2026-03-02", "--to", "昨天"),
        ("scoreboard", "--from", "2026-03-02", "--to", "2026-03-03", "--cases", "all"),
        ("overdue", "--from", "2026-03-02"),
        ("overdue", "--division", "999999"),
        ("overdue", "--warn-days", "11"),
        ("overdue", "--csv", "none/a.csv"),
        ("audit", "disclosures", "--from", "2026-03-02", "--to", "2026-03-01"),
    ],
)
def test_wrong_usage_is_said_in_chinese(command: Command, words: tuple[str, ...]) -> None:
    code, _, errors = command(*words)
    assert (code, "处理办法" in errors) == (2, True), errors


def test_a_division_that_was_abolished_is_told_with_its_successor(command: Command) -> None:
    code, _, errors = command("overdue", "--division", "410211")
    assert (code, "已撤销" in errors) == (2, True)
