"""机构清单的命令: exported, edited, imported and listed, the officers masked; on a real ledger."""

import asyncio
import json
from pathlib import Path

import pytest

from duijie.agency_files.columns import COLUMNS
from duijie.agency_files.csv_file import read_csv, write_csv
from duijie.cli import run
from duijie.errors import FAILED, USAGE
from gateway.adapters.ledger.store import open_ledger
from gateway.app.lifecycle import Gateway
from schemas.reference.clock import utc_now
from storage.sealing_keys import load_sealer
from tests.builders.directory import OFFICER
from tests.builders.ledger import an_opening
from tests.builders.records import JINSHUI, JIYUAN
from tests.integration.gateway.harness import stack_of_two
from tests.support.stack import Stack

Capture = pytest.CaptureFixture[str]
AT = {one.member: at for at, one in enumerate(COLUMNS)}
BY = ("--reason", "更新电话", "--operator", "李敏", "--yes")


@pytest.fixture
async def stack(tmp_path: Path, anyio_backend: str) -> Stack:
    """Give a folder whose gateway was started once, so that there is a version 1."""
    found = stack_of_two(tmp_path)
    gateway = Gateway(found.gateway_settings())
    await gateway.open()
    await gateway.drain()
    return found


def command(stack: Stack, *words: str) -> int:
    return run(["gateway", "agencies", *words, "--config", str(stack.gateway_file)])


def exported(stack: Stack) -> Path:
    file = stack.folder / "agencies.csv"
    file.unlink(missing_ok=True)
    assert command(stack, "export", str(file)) == 0
    return file


def edit(file: Path, row: int, **changes: str) -> None:
    rows = [[cell.text for cell in line.cells] for line in read_csv(file.read_bytes())]
    for member, text in changes.items():
        rows[row][AT[member]] = text
    file.write_bytes(write_csv(rows))


def answered(capsys: Capture) -> dict[str, object]:
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("name", ["agencies.csv", "agencies.xlsx"])
def test_what_is_exported_and_imported_differs_in_nothing(
    stack: Stack, capsys: Capture, name: str
) -> None:
    file = str(stack.folder / name)
    assert command(stack, "export", file) == 0
    capsys.readouterr()
    assert command(stack, "import", file, "--dry-run", "--json") == 0
    found = answered(capsys)
    assert found["differences"] == {"added": [], "removed": [], "changed": [], "responsible": []}
    assert command(stack, "import", file, *BY, "--json") == 0
    assert (answered(capsys)["version"], command(stack, "export", file)) == (1, USAGE)


def test_an_edit_is_shown_asked_for_and_becomes_a_version(stack: Stack, capsys: Capture) -> None:
    file = exported(stack)
    edit(file, 1, telephone="0371-00000099", unit="就业科", person=OFFICER)
    capsys.readouterr()
    assert command(stack, "import", str(file), "--dry-run") == 0
    shown = capsys.readouterr().out
    assert "0371-00000099" in shown
    assert "就业科 欧***" in shown
    assert OFFICER not in shown
    assert "台账未改动" in shown

    asked = command(stack, "import", str(file), "--reason", "x", "--operator", "李敏")
    assert asked == USAGE
    assert "--yes" in capsys.readouterr().err

    assert command(stack, "import", str(file), *BY, "--json") == 0
    made = answered(capsys)
    assert (made["version"], made["is_new"]) == (2, True)
    assert command(stack, "import", str(file), *BY, "--json") == 0
    again = answered(capsys)
    assert (again["version"], again["is_new"]) == (2, False)

    assert command(stack, "versions", "--json") == 0
    newest, first = json.loads(capsys.readouterr().out)
    assert (newest["version"], newest["made_by"], newest["publication"]) == (
        *(2, "operator:李敏"),
        None,
    )
    assert (first["version"], first["made_by"]) == (1, "settings")


def test_a_list_shows_the_version_of_the_day_with_its_findings_and_officers_masked(
    stack: Stack, capsys: Capture
) -> None:
    file = exported(stack)
    edit(file, 1, accounts="0", unit="就业科", person=OFFICER)
    assert command(stack, "import", str(file), *BY) == 0
    capsys.readouterr()
    assert command(stack, "list") == 0
    shown = capsys.readouterr().out
    assert "机构清单版本 2" in shown
    assert "湘人社函〔2020〕23号" in shown
    assert "欧***" in shown
    assert OFFICER not in shown
    assert command(stack, "list", "--version", "1", "--json") == 0
    assert answered(capsys)["version"] == 1
    assert command(stack, "list", "--at", "2026-01-01") == FAILED
    assert command(stack, "list", "--version", "9") == FAILED
    assert command(stack, "list", "--version", "1", "--at", "2026-01-01") == USAGE


def test_a_version_for_a_later_day_is_not_listed_before(stack: Stack, capsys: Capture) -> None:
    file = exported(stack)
    edit(file, 1, name="改名的机构")
    assert command(stack, "import", str(file), *BY, "--from", "2199-01-01") == 0
    capsys.readouterr()
    assert command(stack, "list", "--json") == 0
    assert answered(capsys)["version"] == 1
    assert command(stack, "list", "--at", "2199-01-01", "--json") == 0
    assert answered(capsys)["version"] == 2
    assert command(stack, "import", str(file), *BY, "--from", "2020-01-01") == FAILED
    assert "启用日期 2020-01-01 已过" in capsys.readouterr().err


def test_faults_of_cells_and_of_the_list_are_said_together_by_line(
    stack: Stack, capsys: Capture
) -> None:
    file = exported(stack)
    edit(file, 1, telephone="x")
    edit(file, 2, division="430104", parent=JINSHUI)
    capsys.readouterr()
    assert command(stack, "import", str(file), "--dry-run") == FAILED
    said = capsys.readouterr().err
    assert "共 2 处错误" in said
    assert said.index("第 2 行“联系电话”") < said.index("第 3 行：行政区划 430104 不在本省")


def test_a_file_that_is_none_a_missing_name_and_a_missing_reason_are_said(
    stack: Stack, capsys: Capture
) -> None:
    file = exported(stack)
    (stack.folder / "b.xlsx").write_bytes(b"x")
    assert command(stack, "import", str(stack.folder / "b.xlsx"), "--dry-run") == FAILED
    assert "不是 Excel 工作簿" in capsys.readouterr().err
    assert command(stack, "import", str(stack.folder / "none.csv"), "--dry-run") == USAGE
    assert command(stack, "import", str(file), "--reason", "x", "--yes") == USAGE
    assert command(stack, "import", str(file), "--operator", "李敏", "--yes") == USAGE


def open_a_case(stack: Stack) -> None:
    """Open the case SQ1 of 济源市, routed now."""

    async def work() -> None:
        settings, at = stack.gateway_settings(), utc_now()
        store = open_ledger(settings.store, sealer=load_sealer(settings.ledger_keys), now=utc_now)
        opening = an_opening(
            "SQ1", agency=JIYUAN, place_division="419001", accepted_at=at, changed_at=at
        )
        await store.transact(lambda ledger: ledger.cases.open([opening]))
        await store.close()

    asyncio.run(work())


def test_why_a_case_is_with_its_agency_names_the_version(stack: Stack, capsys: Capture) -> None:
    open_a_case(stack)
    file = exported(stack)
    edit(file, 2, name="另一名称")
    assert command(stack, "import", str(file), *BY) == 0
    capsys.readouterr()
    words = ["gateway", "case", "SQ1", "--why", "--config", str(stack.gateway_file)]
    assert run(words) == 0
    shown = capsys.readouterr().out
    assert "机构清单：版本 1" in shown
    assert f"按规则的经办机构：{JIYUAN}" in shown
    assert run([*words, "--json"]) == 0
    why = answered(capsys)["why"]
    assert isinstance(why, dict)
    assert (why["directory"], why["directory_version"]) == ("ledger", 1)


def test_no_case_is_given_to_an_agency_whose_system_is_not_connected(
    stack: Stack, capsys: Capture
) -> None:
    open_a_case(stack)
    file = exported(stack)
    edit(file, 1, code="4101050099")
    assert command(stack, "import", str(file), *BY) == 0
    capsys.readouterr()
    by = ("--reason", "x", "--operator", "李敏", "--config", str(stack.gateway_file))
    assert run(["gateway", "assign", "SQ1", "--to", "4101050099", *by]) == USAGE
    assert "未接入系统" in capsys.readouterr().err
    assert run(["gateway", "assign", "SQ1", "--to", JINSHUI, *by]) == USAGE
    assert "现行机构清单中没有此代码" in capsys.readouterr().err


def test_who_has_open_cases_and_leaves_the_list_is_named(stack: Stack, capsys: Capture) -> None:
    open_a_case(stack)
    file = exported(stack)
    rows = [[cell.text for cell in line.cells] for line in read_csv(file.read_bytes())]
    file.write_bytes(write_csv([row for row in rows if JIYUAN not in row]))
    capsys.readouterr()
    assert command(stack, "import", str(file), "--dry-run") == 0
    assert f"{JIYUAN} 不再办理失业登记，尚有 1 件未办结" in capsys.readouterr().out
