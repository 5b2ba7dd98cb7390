"""The single commands against running programs: file, poll, cases, case, faults."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.stack import a_simulator_thread, make_stack, own_ports
from tests.system.command_line import duijie, port_options, run_here, running_command

HERE = "here"


@dataclass(frozen=True)
class Workspace:
    """A prepared folder and a running simulator."""

    cwd: Path
    control: str
    capfd: pytest.CaptureFixture[str]

    def poll(self, *words: str) -> tuple[int, str, str]:
        """Poll; return exit code and what it printed."""
        config = ("--config", str(self.cwd / HERE / "gateway.toml"))
        return self._run("gateway", "poll", "--once", *words, *config)

    def gateway(self, *words: str) -> tuple[int, str, str]:
        """Run a reading command of the gateway."""
        return self._run("gateway", *words, "--config", str(self.cwd / HERE / "gateway.toml"))

    def doctor(self) -> tuple[int, str, str]:
        """Run the doctor on the gateway's settings."""
        return self._run("doctor", "--config", str(self.cwd / HERE / "gateway.toml"))

    def simulator(self, *words: str) -> tuple[int, str, str]:
        """Run a command against the simulator's control interface."""
        return self._run("simulator", *words, "--control", self.control)

    def file(self, *words: str) -> list[str]:
        """File applications; return their numbers."""
        code, numbers, errors = self.simulator("file", *words)
        assert code == 0, errors
        return numbers.split()

    def _run(self, *words: str) -> tuple[int, str, str]:
        return run_here(self.capfd, *words)


@pytest.fixture
def workspace(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Iterator[Workspace]:
    stack = make_stack(tmp_path / HERE)
    with a_simulator_thread(stack.simulator_settings()):
        yield Workspace(tmp_path, stack.plan.url("control"), capfd)


def test_poll_takes_over_what_waits_and_cases_shows_it_masked(workspace: Workspace) -> None:
    numbers = workspace.file("--count", "2", "--place", "419001")
    code, table, _ = workspace.poll()
    assert code == 0
    assert all(number in table for number in numbers)
    assert "济源市公共就业服务中心" in table

    listed = json.loads(workspace.gateway("cases", "--json")[1])
    assert {one["key"] for one in listed} == set(numbers)
    assert all(one["due_on"] and one["place"].startswith("河南省济源市") for one in listed)
    assert all("*" in one["person"] and "*" in one["certificate"] for one in listed)

    shown = json.loads(workspace.gateway("case", numbers[0], "--json")[1])
    assert shown["key"] == numbers[0]
    assert [entry["step"] for entry in shown["history"]] == ["accept"]


def test_poll_says_with_1_that_something_is_held(workspace: Workspace) -> None:
    [number] = workspace.file("--place", "410200")
    code, answer, _ = workspace.poll("--json")
    assert code == 1
    assert json.loads(answer)[0]["application_no"] == number
    held = workspace.gateway("cases", "--state", "HELD")[1]
    assert number in held
    assert number not in workspace.gateway("cases", "--state", "REPORTED")[1]
    assert number not in workspace.gateway("cases", "--overdue")[1]


def test_a_held_case_is_released_once_its_agency_is_in_the_directory(workspace: Workspace) -> None:
    [number] = workspace.file("--place", "410200")
    workspace.poll()
    preview = ("release", "--reason", "place.no-agency", "--all", "--dry-run", "--json")
    code, answer, _ = workspace.gateway(*preview)
    assert (code, json.loads(answer)[0]["result"]) == (1, "still-held")

    agencies = workspace.cwd / "agencies.csv"
    assert workspace.gateway("agencies", "export", str(agencies))[0] == 0
    text = agencies.read_text("utf-8-sig")
    agencies.write_text(re.sub(r"\b410100\b", "410200", text), "utf-8")
    given = ("--reason", "移交", "--operator", "李敏", "--yes")
    code, _, errors = workspace.gateway("agencies", "import", str(agencies), *given)
    assert code == 0, errors
    code, answer, _ = workspace.gateway(*preview)
    assert (code, json.loads(answer)[0]["result"]) == (0, "released")
    assert json.loads(workspace.gateway("case", number, "--json")[1])["state"] == "HELD"

    code, table, errors = workspace.gateway("release", number, "--operator", "李敏")
    assert code == 0, errors
    assert "已释放" in table
    shown = workspace.gateway("case", number)[1]
    assert "经手人 李敏" in shown
    assert "人工释放，原挂起原因：登记失业地没有对应的经办机构" in shown
    code, answer, _ = workspace.gateway("release", number, "--operator", "李敏", "--json")
    assert (code, json.loads(answer)[0]["result"]) == (1, "not-held")


def test_the_cases_of_one_agency_are_listed_alone(workspace: Workspace) -> None:
    workspace.file("--place", "419001", "--count", "2")
    workspace.file("--place", "410102")
    workspace.poll()
    listed = json.loads(workspace.gateway("cases", "--agency", "4190010001", "--json")[1])
    assert [one["agency_code"] for one in listed] == ["4190010001"] * 2
    assert len(json.loads(workspace.gateway("cases", "--limit", "1", "--json")[1])) == 1


def test_polling_again_finds_nothing_new(workspace: Workspace) -> None:
    workspace.file("--place", "410102")
    assert workspace.poll()[0] == 0
    code, answer, _ = workspace.poll("--json")
    assert (code, json.loads(answer)) == (0, [])


def test_a_ledger_owned_by_a_running_gateway_is_told_as_such(workspace: Workspace) -> None:
    config = ("--config", f"{HERE}/gateway.toml")
    with running_command("gateway", "serve", *config, cwd=workspace.cwd, until="网关") as gateway:
        code, _, errors = workspace.poll()
        assert gateway.end()[0] == 0
    assert code == 2
    assert "PostgreSQL" in errors


@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
def test_cases_can_be_read_beside_the_running_gateway_and_after_it(
    tmp_path: Path,
    store: str,
    make_database: Callable[[], str],
    capfd: pytest.CaptureFixture[str],
) -> None:
    options = port_options(own_ports())
    url = make_database() if store == "postgresql" else "sqlite:///ledger.db"
    words = ("up", "--count", "2", "--folder", HERE, "--store", url, *options)
    listing = ("gateway", "cases", "--json", "--config", str(tmp_path / HERE / "gateway.toml"))
    with running_command(*words, cwd=tmp_path, until="Ctrl-C") as up:
        _, beside, _ = run_here(capfd, *listing)
        assert up.end()[0] == 0
    _, after, _ = run_here(capfd, *listing)
    assert [one["state"] for one in json.loads(beside)] == ["REPORTED"] * 2
    assert after == beside


def test_a_ledger_that_is_not_there_yet_is_not_made_by_looking(tmp_path: Path) -> None:
    make_stack(tmp_path / HERE)
    done = duijie("gateway", "cases", "--config", f"{HERE}/gateway.toml", cwd=tmp_path)
    assert done.returncode == 2
    assert "gateway.db" in done.stderr
    assert not (tmp_path / HERE / "gateway.db").exists()


def test_an_unknown_case_is_told_as_such(workspace: Workspace) -> None:
    workspace.poll()  # makes the ledger
    code, _, errors = workspace.gateway("case", "SYDJ0")
    assert code == 1
    assert "SYDJ0" in errors


def test_people_are_registered_at_the_counter_of_an_agency(workspace: Workspace) -> None:
    words = ("register", "--agency", "4190010001", "--count", "2", "--seed", "3")
    code, keys, errors = workspace.simulator(*words)
    assert code == 0, errors
    assert [key.startswith("419001/BD") for key in keys.split()] == [True, True]
    code, _, errors = workspace.simulator("register", "--agency", "9999")
    assert code == 1
    assert "没有此经办机构" in errors


def test_faults_are_armed_listed_and_cleared(workspace: Workspace) -> None:
    workspace.simulator("fault", "arm", "delay", "ping", "--every", "2", "--param", "ms=5")
    workspace.simulator("fault", "arm", "lost-reply", "uploadOutcomes")
    _, listed, _ = workspace.simulator("fault", "list")
    assert "delay" in listed
    assert "ms=5" in listed
    assert "lost-reply" in workspace.simulator("fault", "clear", "1")[1]
    assert "没有" in workspace.simulator("fault", "clear")[1]


def test_pushes_are_shown_started_and_stopped(workspace: Workspace) -> None:
    [number] = workspace.file("--place", "410102")
    code, shown, _ = workspace.simulator("push", "--json")
    (before,) = json.loads(shown)
    assert (code, before["on"], before["waiting"]) == (0, False, 1)
    assert "已开启" in workspace.simulator("push", "--province", "410000", "--on")[1]
    assert "已停止" in workspace.simulator("push", "--off")[1]
    assert "没有设置推送的省份" in workspace.simulator("push", "--province", "420000")[1]
    code, _, errors = workspace.simulator("push", "--province", "420000", "--on")
    assert (code, "push" in errors) == (1, True)
    assert workspace.poll()[0] == 0  # what was not pushed is still there to download
    assert number in workspace.gateway("cases", "--json")[1]


def test_a_refusal_of_the_simulator_names_what_is_allowed(workspace: Workspace) -> None:
    code, _, errors = workspace.simulator("fault", "arm", "earthquake", "ping")
    assert code == 1
    assert "lost-reply" in errors


def test_an_unreachable_national_side_is_exit_code_3(tmp_path: Path) -> None:
    make_stack(tmp_path / HERE)
    words = ("gateway", "poll", "--once", "--config", f"{HERE}/gateway.toml")
    done = duijie(*words, cwd=tmp_path)
    assert done.returncode == 3
    assert "Traceback" not in done.stderr


def test_the_doctor_finds_nothing_where_all_is_well(workspace: Workspace) -> None:
    code, text, _ = workspace.doctor()
    assert code == 0, text
    assert "双向签名有效" in text


def test_the_doctor_names_a_key_that_others_can_read_and_the_cure(workspace: Workspace) -> None:
    key = workspace.cwd / HERE / "keys/portal-410000.json"
    key.chmod(0o644)
    code, text, _ = workspace.doctor()
    assert code == 1
    assert f"chmod 600 {key}" in text
    assert "✔ Python" in text


def test_the_doctor_says_that_the_national_side_is_not_reached(tmp_path: Path) -> None:
    make_stack(tmp_path / HERE)
    done = duijie("doctor", "--json", "--config", f"{HERE}/gateway.toml", cwd=tmp_path)
    assert done.returncode == 1
    sick = [one for one in json.loads(done.stdout) if one["cure"]]
    assert [one["subject"].split()[0] for one in sick] == ["部端"]
