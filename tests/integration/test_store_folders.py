"""A folder whose name looks percent-encoded is one folder for all that open the store in it."""

import asyncio
import json
from pathlib import Path

import pytest

from bench.environment import Environment, ledger_store
from duijie.cli import run
from duijie.demo.plan import GATEWAY_FILE, PlanOptions
from duijie.demo.provision import provision
from duijie.doctor import run_checks
from gateway.app.lifecycle import Gateway
from gateway.settings_file import load_settings
from tests.builders.ledger import an_opening


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


@pytest.mark.parametrize("name", ["50%25 off", "100% 台账"])
async def test_gateway_doctor_case_list_and_bench_open_the_same_file(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    # Given a gateway in such a folder, with a case in its ledger
    folder = tmp_path / name
    plan = provision(folder, PlanOptions(use_free_ports=True))
    settings = load_settings(folder / GATEWAY_FILE)
    gateway = Gateway(settings)
    await gateway.open()
    await gateway.store.transact(lambda ledger: ledger.cases.open([an_opening("SQ1")]))
    await gateway.drain()

    # When the others open it
    async with ledger_store(Environment(folder, plan, (), settings)) as store:
        in_bench = await store.read(lambda views: views.case("SQ1"))
    words = ("gateway", "cases", "--json", "--config", str(folder / GATEWAY_FILE))
    code = await asyncio.to_thread(run, words)
    listed = json.loads(capsys.readouterr().out)
    subjects = {result.subject: result.is_ok async for result in run_checks(settings)}

    # Then they see that ledger, and no other folder has come to be
    assert in_bench is not None
    assert code == 0
    assert len(listed) == 1
    assert f"台账磁盘 {folder}" in subjects
    assert names_in(tmp_path) == [name]
    assert "gateway.db" in names_in(folder)
