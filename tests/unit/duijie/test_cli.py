import re
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest

from duijie.cli import COMMANDS, GATEWAY, SIMULATOR, root, run
from duijie.errors import USAGE, CliError
from duijie.help_text import columns_of

HEAVY = ("rich", "httpx", "pydantic", "aiohttp", "gateway", "simulator", "schemas")


def every_command(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        yield (*path, name)
        if isinstance(command, click.Group):
            yield from every_command(command, (*path, name))


@pytest.mark.parametrize("path", [(), *every_command(root)], ids=" ".join)
def test_every_help_begins_in_chinese_and_has_an_example(
    path: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*path, "--help"]) == 0
    text = capsys.readouterr().out
    opening = text.split("\n\n")[1].strip()
    assert any("\u4e00" <= letter <= "\u9fff" for letter in opening)
    assert "示例" in text
    assert " ".join(("duijie", *path)) in text.split("示例", 1)[1]


@pytest.mark.parametrize("path", [(), *every_command(root)], ids=" ".join)
def test_the_lines_of_a_help_fit_and_their_texts_begin_in_one_column(
    path: tuple[str, ...], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    run([*path, "--help"])
    options = capsys.readouterr().out.split("选项：\n", 1)[1].partition("\n\n")[0].splitlines()
    starts = {
        columns_of(found[0])
        for line in options
        if (found := re.match(r" {2}\S.*?\s{2,}(?=\S)", line))
    }
    assert len(starts) == 1
    assert [line for line in options if columns_of(line) > 80] == []
    assert "x>=" not in "".join(options)


@pytest.mark.parametrize("places", [COMMANDS, GATEWAY, SIMULATOR])
def test_every_command_of_a_table_can_be_imported(places: dict[str, object]) -> None:
    group = {id(COMMANDS): "", id(GATEWAY): "gateway", id(SIMULATOR): "simulator"}[id(places)]
    listed = {path[-1] for path in every_command(root) if path[:-1] == tuple(group.split())}
    assert listed == set(places)


def test_help_imports_nothing_that_is_slow() -> None:
    program = (
        "import sys; from duijie.cli import run; run(['--help']); "
        f"sys.exit(bool(set({HEAVY!r}) & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert done.returncode == 0


def test_a_command_is_imported_without_a_look_for_garbage_and_collects_again_after_it() -> None:
    program = (
        "import gc; from duijie.cli import gateway; looks = []; "
        "gc.callbacks.append(lambda phase, _: looks.append(phase)); "
        "gateway.get_command(None, 'serve'); "
        "print(len(looks), gc.isenabled(), gc.get_freeze_count() > 100_000)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stdout.split() == [b"0", b"True", b"True"]


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (["upp"], "up"),
        (["gateway", "case5"], "cases"),
        (["up", "--cuont", "3"], "--count"),
        (["simulator", "fault", "arn"], "arm"),
    ],
)
def test_a_slip_of_the_hand_is_answered_with_what_was_meant(
    arguments: list[str], meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == USAGE
    printed = capsys.readouterr()
    assert printed.out == ""
    assert meant in printed.err
    assert printed.err.startswith("现象：")


def test_a_group_without_a_command_shows_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["gateway"]) == 0
    assert "serve" in capsys.readouterr().out


def test_missing_settings_end_in_one_block(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["gateway", "poll", "--once", "--config", "no-such.toml"]) == USAGE
    printed = capsys.readouterr().err
    assert [line[:2] for line in printed.splitlines()] == ["现象", "原因", "处理"]
    assert "no-such.toml" in printed


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ((), "--reason"),
        (("SY1", "--all", "--reason", "place.unknown", "--operator", "李敏"), "二者选一"),
        (("--all", "--operator", "李敏"), "--reason"),
        (("--reason", "place.unknown", "--operator", "李敏"), "--all"),
        (("SY1",), "--operator"),
        (("SY1", "--operator", "  "), "--operator"),
        (("SY1", "--operator", "李\n敏"), "--operator"),
        (("SY1", "--operator", "李" * 41), "--operator"),
    ],
)
def test_a_release_needs_cases_and_who_releases_them(
    words: tuple[str, ...], meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["gateway", "release", *words, "--config", "no-such.toml"]) == USAGE
    assert meant in capsys.readouterr().err


def test_a_simulator_that_is_not_there_is_exit_code_three(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["simulator", "file", "--control", "http://127.0.0.1:1"]) == 3
    assert "http://127.0.0.1:1" in capsys.readouterr().err


def test_further_lines_of_a_block_are_indented() -> None:
    block = CliError("a", "b\nc", "d").block()
    assert block == "现象：a\n原因：b\n      c\n处理办法：d"
