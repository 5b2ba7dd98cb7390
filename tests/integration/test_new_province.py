"""新增一省: a fourth, invented province, made from the template by the documented steps alone.

Its divisions are those of the table (220000); name, notice, deadline, grounds and form are made up.
"""

import asyncio
import json
from pathlib import Path
from typing import Final

import aiohttp
import orjson
import pytest

from duijie.cli import run
from duijie.demo.agencies import StandIn
from duijie.errors import USAGE
from duijie.ledger_reader import open_ledger_reader
from gateway.domain.case import Case, State
from gateway.domain.delivery import Delivery
from gateway.errors import Misconfigured
from gateway.flows.failpoints import Failpoint
from gateway.ports.views import WorkRow
from schemas.signing import Suite
from tests.builders.extended import deregistration_json
from tests.support.signing_client import SigningClient
from tests.support.stack import Stack, a_gateway, a_simulator, make_stack
from tests.support.tree import ROOT

Capture = pytest.CaptureFixture[str]
DIVISION: Final = "220000"
PUSHED, FETCHING = "2201000001", "2202000001"
NOTICE: Final = "虚构人社〔2026〕1号 第二条"
GROUND_ARTICLE: Final = "虚构人社〔2026〕1号 第三条"
AGENCIES: Final = (
    StandIn(PUSHED, "虚构市公共就业服务中心", "220100", Delivery.PUSH, Suite.ED25519, ("220102",)),
    StandIn(FETCHING, "示例市就业服务局", "220200", Delivery.FETCH, Suite.ED25519, ("220202",)),
)
EDITS: Final = (
    ('division: "000000"', f'division: "{DIVISION}"'),
    ("name: 全国规定（模板）", "name: 虚构省"),
    ("    name: 失业登记待办\n", "    name: 虚构省转办待办\n"),
    (
        "    working_days: 3\n    source: 人社厅发〔2020〕79号",
        f"    working_days: 4\n    source: {NOTICE}",
    ),
    (
        'ground_rules:\n  set: "2020-3"\n',
        'ground_rules:\n  set: "2020-3"\n  off:\n    "90": ' + GROUND_ARTICLE + "\n",
    ),
    ('form: "2020-3"', "form: form.yaml"),
)
FORM: Final = """
title: 虚构省失业登记申请表
source: 虚构人社〔2026〕1号 附件
sections:
  - heading: 基本信息
    boxes:
      - label: 姓名
        parts:
          - member: aac003
      - label: 本人手印
        not_carried: 由本人现场按印
"""
WITHIN_S: Final = 30


def written(folder: Path, capsys: Capture) -> Path:
    """Do the steps up to the file: the template put out by the command, and edited."""
    assert run(["gateway", "province", "--template"]) == 0
    profile = capsys.readouterr().out
    for old, new in EDITS:
        assert profile.count(old) == 1, old
        profile = profile.replace(old, new)
    (folder / "form.yaml").write_text(FORM, encoding="utf-8")
    path = folder / f"{DIVISION}.yaml"
    path.write_text(profile, encoding="utf-8")
    return path


def provisioned(folder: Path, profile: str) -> Stack:
    """Do the last step: the settings of a gateway name the file."""
    stack = make_stack(folder, AGENCIES, province=DIVISION)
    settings = stack.gateway_file.read_text(encoding="utf-8")
    named = settings.replace("\nlisten =", f'\nprofile = "{profile}"\nlisten =', 1)
    stack.gateway_file.write_text(named, encoding="utf-8")
    return stack


async def case_of(stack: Stack, number: str) -> Case:
    async with open_ledger_reader(stack.gateway_settings()) as ledger:
        row = await ledger.read(lambda views: views.case(number))
    assert isinstance(row, WorkRow)
    return row.case


def test_the_file_made_of_the_template_is_checked_and_its_differences_are_listed(
    tmp_path: Path, capsys: Capture
) -> None:
    path = written(tmp_path, capsys)
    assert run(["gateway", "province", "--file", str(path), "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    differs = {(one["kind"], one["subject"]): one["source"] for one in record["differences"]}
    assert differs["allowance", "2020-79"] == NOTICE
    assert differs["ground", "90"] == GROUND_ARTICLE
    assert ("form-adds", "本人手印") in differs
    assert ("form-lacks", "aac147") in differs
    assert ("allowance", "2020-3") not in differs
    assert run(["gateway", "province", "--file", str(path)]) == 0
    shown = capsys.readouterr().out
    assert "虚构省（220000）" in shown
    assert "省份配置检查通过" in shown


def test_a_mistake_in_the_file_is_said_with_its_place_and_the_exit_code_of_scripts(
    tmp_path: Path, capsys: Capture
) -> None:
    path = written(tmp_path, capsys)
    path.write_text(path.read_text("utf-8").replace("working_days: 4", "working_days: 四"), "utf-8")
    assert run(["gateway", "province", "--file", str(path)]) == USAGE
    said = capsys.readouterr().err
    assert f"{path}：allowances.2020-79.working_days" in said
    assert "处理办法：请" in said


async def test_a_gateway_runs_on_an_invented_province_and_takes_an_application_through(
    tmp_path: Path, capsys: Capture
) -> None:
    stack = provisioned(tmp_path, written(tmp_path, capsys).name)
    reported, loop = asyncio.Event(), asyncio.get_running_loop()

    def hook(failpoint: Failpoint) -> None:
        if failpoint is Failpoint.REPORT_SETTLED:
            loop.call_soon_threadsafe(reported.set)

    # Given a gateway on the invented profile, between a national side and two agencies
    async with (
        a_simulator(stack.simulator_settings()) as national,
        a_gateway(stack.gateway_settings(), hook=hook),
        aiohttp.ClientSession() as session,
    ):
        # When somebody applies
        (filed,) = await national.entry.file_people(1, seed=7, places=["220202"])
        number = filed.number
        async with asyncio.timeout(WITHIN_S):
            await reported.wait()

        # Then the case went to the agency of the place, in the time of the invented notice
        case = await case_of(stack, number)
        assert (case.state, case.agency) == (State.REPORTED, FETCHING)
        assert case.due_rule == f"4 个工作日（{NOTICE}）"
        application = national.entry.book.applications.find(number)
        assert application is not None
        assert application.result_in_force is not None

        # and a ground that its rules put out of use is refused with their article
        agency = SigningClient(
            stack.agency(FETCHING).base, stack.agency(FETCHING).of_caller(), session
        )
        outcome = application.result_in_force.outcome
        sent = deregistration_json(
            application_no=number,
            acc020=outcome.registration_no,
            acc025="90",
            ground_note="其他情形",
            aae017=FETCHING,
            aae036=outcome.decided_at.isoformat(),
        )
        body = b'{"deregistrations":[' + sent + b"]}"
        answered = await agency.call("POST", "/agency/v1/deregistrations", body)
        (result,) = orjson.loads(answered.body)["results"]
        assert result["problem"]["code"] == "deregistration.ground-not-allowed"
        assert result["problem"]["errors"][0]["message"] == f"依据：{GROUND_ARTICLE}"

    # and its form is the invented one
    words = ["gateway", "form", number, "--config", str(stack.gateway_file)]
    assert await asyncio.to_thread(run, words) == 0
    assert "虚构省失业登记申请表" in capsys.readouterr().out


async def test_a_gateway_does_not_start_on_a_profile_with_a_mistake(
    tmp_path: Path, capsys: Capture
) -> None:
    path = written(tmp_path, capsys)
    path.write_text(path.read_text("utf-8").replace(f"    source: {NOTICE}\n", "", 1), "utf-8")
    stack = provisioned(tmp_path, path.name)
    with pytest.raises(Misconfigured, match=r"1 setting is missing: allowances\.2020-79\.source"):
        async with a_gateway(stack.gateway_settings()):
            pass


@pytest.mark.parametrize("page", ["new-province.md", "new-province.en.md"])
def test_the_page_shows_the_steps_that_are_done_here(page: str) -> None:
    text = (ROOT / "docs" / "howto" / page).read_text("utf-8")
    for step in (
        "duijie gateway province --template > 220000.yaml",
        "duijie gateway province --file 220000.yaml",
        'profile = "220000.yaml"',
        "duijie gateway serve",
    ):
        assert step in text
