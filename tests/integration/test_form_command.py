"""`duijie gateway form`: masked beside the gateway, unmasked on record; text, CSV and workbook."""

import asyncio
import csv
import io
import json
import stat
from pathlib import Path
from typing import Final

import pytest
from python_calamine import CalamineWorkbook

from duijie.cli import run
from duijie.errors import FAILED, USAGE
from gateway.adapters.ledger.store import open_ledger
from portable.files import HAS_MODES
from schemas.reference.clock import utc_now
from storage.sealing_keys import load_sealer
from tests.builders.extended import FORM, registration_json
from tests.builders.records import ADDRESS, MOBILE, NAME, citizen_number
from tests.integration.flows.desk import LOCAL, Desk, an_item
from tests.integration.gateway.harness import AGENCIES
from tests.support.clock import SettableClock
from tests.support.stack import Stack, make_stack

Capture = pytest.CaptureFixture[str]
PERSONAL: Final = (NAME, MOBILE, ADDRESS, citizen_number(), "大学本科")
FORMULA: Final = "=HYPERLINK(1)"
UNMASKED: Final = ("--unmask", "--reason", "打印存档", "--operator", "李敏")


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    """Give a stack of Henan whose ledger holds SY1, and a registration accepted locally."""
    made = make_stack(tmp_path, AGENCIES)
    asyncio.run(_prepare(made))
    return made


async def _prepare(stack: Stack) -> None:
    settings = stack.gateway_settings()
    sealer = load_sealer(settings.ledger_keys)
    store = open_ledger(settings.store, sealer=sealer, now=utc_now)
    desk = Desk(store, SettableClock(utc_now))
    await desk.pull(an_item("SY1", ajc093="24", intentions=[FORMULA, "保安"]))
    await desk.register(registration_json())
    await store.close()


def form(stack: Stack, *words: str) -> int:
    return run(["gateway", "form", *words, "--config", str(stack.gateway_file)])


def history(stack: Stack, capsys: Capture) -> list[dict[str, object]]:
    assert run(["gateway", "case", "SY1", "--json", "--config", str(stack.gateway_file)]) == 0
    entries: list[dict[str, object]] = json.loads(capsys.readouterr().out)["history"]
    return entries


def test_the_form_of_the_province_is_masked_and_leaves_no_trace(
    stack: Stack, capsys: Capture
) -> None:
    before = history(stack, capsys)
    assert form(stack, "SY1") == 0
    shown = capsys.readouterr().out
    assert "失业人员登记表（豫人社办〔2020〕35号 附件2）" in shown
    assert "姓名：张*" in shown
    assert "是否需要打印《就业创业证》：（申请中没有此项" in shown
    assert "【表上没有的数据项】" in shown
    assert [one for one in PERSONAL if one in shown] == []
    assert "☑" not in shown
    assert history(stack, capsys) == before


def test_unmasked_it_shows_the_person_and_stands_in_the_history_first(
    stack: Stack, capsys: Capture
) -> None:
    assert form(stack, "SY1", *UNMASKED) == 0
    shown = capsys.readouterr().out
    assert [one for one in PERSONAL if one not in shown] == []
    assert "☑ 从企业、机关、事业单位等各类用人单位失业的" in shown
    assert "☐ 退出公益性岗位" in shown
    assert "【表上合并的选项，申请原为】\n  失业原因：24" in shown
    last = history(stack, capsys)[-1]
    assert (last["actor"], last["note"], last["text"]) == (
        *("operator:李敏", "case.disclosed", "打印存档"),
    )
    assert run(["gateway", "case", "SY1", "--config", str(stack.gateway_file)]) == 0
    assert "查看未脱敏的登记表：打印存档" in capsys.readouterr().out


def test_a_local_registration_stands_on_the_same_form(stack: Stack, capsys: Capture) -> None:
    assert form(stack, LOCAL, *UNMASKED) == 0
    assert f"姓名：{FORM['aac003']}" in capsys.readouterr().out


def test_in_a_csv_and_a_workbook_nothing_is_a_formula(
    stack: Stack, tmp_path: Path, capsys: Capture
) -> None:
    book, table = tmp_path / "form.xlsx", tmp_path / "form.csv"
    assert form(stack, "SY1", *UNMASKED, "--format", "xlsx", "--out", str(book)) == 0
    assert form(stack, "SY1", *UNMASKED, "--format", "csv", "--out", str(table)) == 0
    assert str(table) in capsys.readouterr().out
    if HAS_MODES:
        assert {stat.S_IMODE(one.stat().st_mode) for one in (book, table)} == {0o600}

    rows = list(csv.reader(io.StringIO(table.read_bytes().decode("utf-8-sig"))))
    assert rows[0] == ["分组", "栏目", "内容"]
    assert ["个人基本信息", "身份证号", citizen_number()] in rows
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
    sheet = CalamineWorkbook.from_path(str(book)).get_sheet_by_index(0).to_python()
    cells = {(row[0], row[1]): row[2] for row in sheet}
    assert cells["个人基本信息", "身份证号"] == citizen_number()
    assert cells["求职要求", "求职意向"] == f"1：{FORMULA} 2：保安"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("SY404",), FAILED, "没有办件 SY404"),
        (("SY404", *UNMASKED), FAILED, "没有办件 SY404"),
        (("SY1", "--unmask", "--operator", "李敏"), USAGE, "--reason"),
        (("SY1", "--unmask", "--reason", "x"), USAGE, "--operator"),
        (("SY1", "--reason", "x"), USAGE, "仅与 --unmask 一同使用"),
        (("SY1", "--format", "xlsx"), USAGE, "--out"),
        (("SY1", "--format", "pdf"), USAGE, "--format"),
    ],
)
def test_what_is_missing_is_said(
    stack: Stack, capsys: Capture, words: tuple[str, ...], code: int, said: str
) -> None:
    before = history(stack, capsys)
    assert form(stack, *words) == code
    assert said in capsys.readouterr().err
    assert history(stack, capsys) == before


def test_an_application_that_cannot_be_read_stands_on_no_form(
    tmp_path: Path, capsys: Capture
) -> None:
    made = make_stack(tmp_path, AGENCIES)

    async def prepare() -> None:
        settings = made.gateway_settings()
        sealer = load_sealer(settings.ledger_keys)
        store = open_ledger(settings.store, sealer=sealer, now=utc_now)
        await Desk(store, SettableClock(utc_now)).pull(an_item("SY1", aac003=None))
        await store.close()

    asyncio.run(prepare())
    assert form(made, "SY1") == FAILED
    assert "无法填入登记表" in capsys.readouterr().err
