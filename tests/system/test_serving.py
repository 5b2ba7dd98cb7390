"""两个入口: `duijie gateway serve` and `python -m gateway` start, log, stop and fail alike."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from duijie.demo.plan import GATEWAY_FILE, SIMULATOR_FILE, Plan, PlanOptions
from duijie.demo.provision import provision
from duijie.ports import HOST
from tests.support.stack import own_ports

WITHIN_S = 60
ENTRY_POINTS = {
    "duijie gateway serve": ("duijie", "gateway", "serve"),
    "python -m gateway": ("gateway",),
}
READY = "gateway.ready"

Command = tuple[str, ...]


def command_of(entry_point: str, folder: Path) -> Command:
    """Return one of the two commands, for the settings in a folder."""
    config = ("--config", str(folder / GATEWAY_FILE))
    return (sys.executable, "-m", *ENTRY_POINTS[entry_point], *config)


@pytest.fixture(params=list(ENTRY_POINTS))
def command(request: pytest.FixtureRequest, tmp_path: Path) -> Command:
    """Return each of the two commands in turn, for the settings in the test's folder."""
    return command_of(request.param, tmp_path)


@pytest.fixture
def gateway(tmp_path: Path) -> Command:
    """Return the command of what does not differ: both entry points run `gateway.process`."""
    return command_of("python -m gateway", tmp_path)


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    """Write keys and settings on free ports."""
    return provision(tmp_path, PlanOptions(ports=own_ports()))


@contextmanager
def serving(command: Command) -> Iterator["subprocess.Popen[str]"]:
    """Start a gateway and wait until it logs that it is ready; nothing is left behind."""
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    with process:
        try:
            for line in process.stderr:
                if json.loads(line)["event"] == READY:
                    break
            else:
                raise AssertionError(f"it ended with {process.wait()} before it was ready")
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def failed(command: Command) -> tuple[int, str]:
    """Run a gateway that cannot start; return its exit code and what it printed."""
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("entry_point", "number"),
    [("duijie gateway serve", signal.SIGINT), ("python -m gateway", signal.SIGTERM)],
)
def test_a_signal_ends_the_gateway_with_0_once_it_has_drained(
    plan: Plan, tmp_path: Path, entry_point: str, number: signal.Signals
) -> None:
    with serving(command_of(entry_point, tmp_path)) as process:
        with socket.create_connection((HOST, plan.ports["health"]), timeout=WITHIN_S):
            pass
        os.kill(process.pid, number)
        _, log = process.communicate(timeout=WITHIN_S)

    assert process.returncode == 0, log
    events = [json.loads(line)["event"] for line in log.splitlines()]
    assert "gateway.draining" in events
    assert events[-1] == "gateway.ended"


def events_until(process: "subprocess.Popen[str]", wanted: str) -> None:
    """Read the log up to an event; fail at the end of the log."""
    assert process.stderr is not None
    assert any(json.loads(line)["event"] == wanted for line in process.stderr)


def test_a_hangup_signal_has_the_keys_read_again_and_ends_nothing(
    plan: Plan, gateway: Command, tmp_path: Path
) -> None:
    key = tmp_path / "keys" / "national.public.json"
    with serving(gateway) as process:
        os.kill(process.pid, signal.SIGHUP)
        events_until(process, "keys.reloaded")
        key.chmod(0o666)
        os.kill(process.pid, signal.SIGHUP)
        events_until(process, "keys.kept")
        with socket.create_connection((HOST, plan.ports["gateway"]), timeout=WITHIN_S):
            pass
        os.kill(process.pid, signal.SIGTERM)
        _, log = process.communicate(timeout=WITHIN_S)

    assert process.returncode == 0, log


def test_a_running_simulator_writes_no_core_file(plan: Plan, tmp_path: Path) -> None:
    config = ("--config", str(tmp_path / SIMULATOR_FILE))
    command = (sys.executable, "-m", "duijie", "simulator", "serve", *config)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            assert plan.url("control") in process.stdout.readline()
            assert core_limits(process.pid) == ["0", "0"]
        finally:
            process.terminate()


def core_limits(pid: int) -> list[str]:
    """Return how large a core file may become, the soft and the hard limit in bytes."""
    limits = Path(f"/proc/{pid}/limits").read_text("ascii")
    (core,) = (line for line in limits.splitlines() if line.startswith("Max core file size"))
    return core.split()[4:6]


def test_wrong_settings_end_it_with_2(plan: Plan, command: Command, tmp_path: Path) -> None:
    config = tmp_path / GATEWAY_FILE
    config.write_text(f'provinz = "{plan.province}"\n{config.read_text("utf-8")}', "utf-8")

    code, said = failed(command)

    assert code == 2
    assert "没有名为 provinz 的设置" in said
    assert "Traceback" not in said


def test_a_ledger_that_another_gateway_owns_ends_it_with_2(plan: Plan, gateway: Command) -> None:
    with serving(gateway) as owner:
        code, said = failed(gateway)
        assert core_limits(owner.pid) == ["0", "0"], "a running gateway writes no core file"

    assert code == 2
    assert "另一个网关进程正独占此 SQLite 台账" in said
    assert "Traceback" not in said


def test_a_port_that_is_taken_ends_it_with_2(plan: Plan, gateway: Command) -> None:
    with socket.create_server((HOST, plan.ports["gateway"])):
        code, said = failed(gateway)

    assert code == 2
    assert str(plan.ports["gateway"]) in said
    assert "Traceback" not in said
