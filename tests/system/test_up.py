"""`duijie up` as a newcomer meets it: one command, and applications go there and back."""

import json
import os
import re
import select
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from duijie.ports import HOST
from tests.support.stack import make_stack, own_ports
from tests.system.command_line import duijie, is_running, port_options, running_command

READY = "Ctrl-C"
MEMBERS = ["count", "back", "held", "lost", "doubled", "p50_ms", "p99_ms", "seconds"]


def keys_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "keys").iterdir()}


def test_twenty_applications_go_there_and_back_once(tmp_path: Path) -> None:
    done = duijie("up", "--count", "20", "--seed", "7", "--exit-when-done", "--json", cwd=tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr
    totals = json.loads(done.stdout.splitlines()[-1])
    assert list(totals) == MEMBERS
    assert totals["count"] == totals["back"] == 20
    assert totals["held"] == totals["lost"] == totals["doubled"] == 0
    assert 0 < totals["p50_ms"] <= totals["p99_ms"]
    assert list(tmp_path.iterdir()) == []  # it used a folder of its own


@pytest.mark.parametrize(("province", "store"), [("430000", "sqlite"), ("230000", "postgresql")])
def test_the_other_provinces_run_and_print_a_plain_line_for_each_return(
    tmp_path: Path, province: str, store: str, make_database: Callable[[], str]
) -> None:
    ports = port_options(own_ports())
    url = make_database() if store == "postgresql" else "sqlite:///gateway.db"
    words = ("up", "--province", province, "--store", url, "--count", "6", "--exit-when-done")
    done = duijie(*words, *ports, cwd=tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "已回到部端 6 件" in done.stdout
    assert "\x1b" not in done.stdout + done.stderr
    returned = [line for line in done.stdout.splitlines() if "→ 部端" in line]
    assert len(returned) == 6
    assert all(re.match(r"SYDJ\d+ \S+ → \S+ → 部端，用时 \d", line) for line in returned)


def test_a_stay_ends_with_0_leaves_no_process_and_the_next_one_keeps_the_keys(
    tmp_path: Path,
) -> None:
    kept = [stayed(tmp_path, number) for number in (signal.SIGINT, signal.SIGTERM)]

    assert kept[0] == kept[1]
    assert len(kept[0]) > 5


def stayed(folder: Path, number: int) -> dict[str, bytes]:
    """Let everything run until a signal ends it; return the keys that are left."""
    ports = own_ports()
    options = port_options(ports)
    with running_command("up", "--count", "3", *options, cwd=folder, until=READY) as up:
        children = up.children
        text = "".join(up.printed)
        code, _, errors = up.end(number)

    assert (code, errors) == (0, "")
    assert len(children) == 2
    assert not any(map(is_running, children))
    for name in ("simulator", "gateway", "health", "console"):
        assert f"http://{HOST}:{ports[name]}/" in text
    assert "gateway.ended" in (folder / "var/logs/gateway.log").read_text("utf-8")
    return keys_in(folder / "var")


def test_a_taken_port_is_named_with_its_owner_and_the_cure(tmp_path: Path) -> None:
    options = port_options(own_ports())
    with socket.create_server((HOST, 0)) as taken:
        port = str(taken.getsockname()[1])
        done = duijie("up", *options, "--control-port", port, cwd=tmp_path)

    assert done.returncode == 1
    assert f"{HOST}:{port}" in done.stderr
    assert f"pid {os.getpid()}" in done.stderr
    assert "--control-port" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_cannot_come_back_is_listed_with_its_reason(tmp_path: Path) -> None:
    settings = make_stack(tmp_path / "here").gateway_file
    head, *agencies = settings.read_text("utf-8").split("[[agency]]")
    kept = [agency for agency in agencies if '"419001"' not in agency]
    settings.write_text("[[agency]]".join([head, *kept]), "utf-8")  # 济源 has no agency now

    words = ("up", "--count", "10", "--exit-when-done", "--json", "--folder", "here")
    done = duijie(*words, cwd=tmp_path)

    totals = json.loads(done.stdout.splitlines()[-1])
    assert done.returncode == 1
    assert totals["held"] == totals["count"] - totals["back"] > 0
    assert totals["lost"] == 0
    assert "place.no-agency" in done.stdout
    assert "济源市" in done.stdout


def test_a_program_that_dies_is_named_with_its_last_lines(tmp_path: Path) -> None:
    options = port_options(own_ports())
    with running_command("up", "--count", "2", *options, cwd=tmp_path, until=READY) as up:
        simulator, gateway = sorted(up.children)
        os.kill(gateway, signal.SIGKILL)
        _, errors = up.process.communicate(timeout=60)

    assert up.process.returncode == 1
    assert "网关已退出" in errors
    assert "gateway.ready" in errors
    assert "gateway.log" in errors
    assert not is_running(simulator)


def test_children_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    options = port_options(own_ports())
    with running_command("up", "--count", "2", *options, cwd=tmp_path, until=READY) as up:
        children = up.children
        waiting = [os.pidfd_open(child) for child in children]
        up.process.kill()
        for descriptor in waiting:
            assert select.select([descriptor], [], [], 40)[0]  # readable once it has ended
            os.close(descriptor)
