"""`duijie contract compat`: exit codes, the order of roll-out, git revisions."""

import json
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from contracts.publish.export import generated
from duijie.commands.contract_compat import compat
from duijie.errors import CliError

ERRORS, OUTCOME = "errors.csv", "jsonschema/outcome.json"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with the two files of the contract that this is about."""
    made = tmp_path / "v1"
    for name in (ERRORS, OUTCOME, "examples/outcome/valid-whole.json"):
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).write_bytes(generated()[name])
    return made


def run(*arguments: str) -> Result:
    return CliRunner().invoke(compat, arguments, standalone_mode=False)


def lengthen(folder: Path) -> None:
    schema = json.loads((folder / OUTCOME).read_bytes())
    schema["properties"]["aae020"]["maxLength"] = 120
    (folder / OUTCOME).write_text(json.dumps(schema))


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.invalid"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def test_the_same_version_ends_with_0(folder: Path) -> None:
    result = run("--base", str(folder), "--folder", str(folder))
    assert (result.return_value, "没有改动。" in result.output) == (0, True)


def test_a_breaking_change_ends_with_5_and_says_the_order(folder: Path, tmp_path: Path) -> None:
    base = tmp_path / "base"
    folder.rename(base)
    for path in base.rglob("*.*"):
        new = folder / path.relative_to(base)
        new.parent.mkdir(parents=True, exist_ok=True)
        new.write_bytes(path.read_bytes())
    lengthen(folder)
    result = run("--base", str(base), "--folder", str(folder))
    assert result.return_value == 5
    assert "次序：先升级接收方，后升级发送方" in result.output
    listed = json.loads(run("--base", str(base), "--folder", str(folder), "--json").output)
    assert [one["rule"] for one in listed] == ["bound"]
    assert len(listed[0]["counterexample"]["aae020"]) == 101


def test_a_git_revision_is_a_version(folder: Path) -> None:
    git(folder.parent, "init", "--quiet")
    git(folder.parent, "add", ".")
    git(folder.parent, "commit", "--quiet", "--message", "one")
    assert run("--base", "HEAD", "--folder", str(folder)).return_value == 0
    lengthen(folder)
    assert run("--base", "HEAD", "--folder", str(folder)).return_value == 5


def test_a_revision_that_is_not_there_is_told_with_its_cure(folder: Path) -> None:
    git(folder.parent, "init", "--quiet")
    result = run("--base", "v0", "--folder", str(folder))
    assert isinstance(result.exception, CliError)
    assert result.exception.exit_code == 2
