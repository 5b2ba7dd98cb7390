"""子进程: simulator and gateway as processes of their own: started, awaited, drained."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, Self

import httpx

from duijie.clients.control_client import SUMMARY_PATH
from duijie.demo.plan import GATEWAY_FILE, LOGS, SIMULATOR_FILE, Plan
from duijie.errors import CliError
from portable.files import append
from portable.processes import APART

READY_WITHIN_S: Final = 30.0
DRAIN_WITHIN_S: Final = 30.0
_POLL_EVERY_S: Final = 0.05
_LOG_LINES: Final = 12


def _private(log: Path) -> BinaryIO:
    """Open a log to append to, which only its owner may read where it is made here."""
    return os.fdopen(append(log), "ab")


@dataclass(slots=True)
class Program:
    """One child process; its output goes to `log`, and it ends when this process ends.

    `name` is for messages, `ready` is the address that answers 200 once it is up.
    """

    name: str
    process: Process
    log: Path
    ready: str

    @classmethod
    async def start(cls, name: str, arguments: Sequence[str], *, log: Path, ready: str) -> Self:
        """Start `python -m duijie ARGUMENTS --with-parent` in a process group of its own.

        Ctrl-C then reaches this process only, which drains its children in order.
        """
        with _private(log) as file:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "duijie", *arguments, "--with-parent"),
                stdin=PIPE,
                stdout=file,
                stderr=STDOUT,
                **APART,
            )
        return cls(name, process, log, ready)

    @property
    def has_ended(self) -> bool:
        """Whether the process is gone."""
        return self.process.returncode is not None

    async def wait_ready(self, client: httpx.AsyncClient) -> None:
        """Wait until it answers.

        Raises:
            CliError: It ended, or did not answer in time; with its last log lines.
        """
        try:
            async with asyncio.timeout(READY_WITHIN_S):
                while not await self._answers(client):
                    if self.has_ended:
                        raise self.exit_error()
                    await asyncio.sleep(_POLL_EVERY_S)
        except TimeoutError:
            raise CliError(
                f"{self.name}在 {READY_WITHIN_S:.0f} 秒内未就绪（{self.ready}）",
                f"日志最后几行：\n{self.log_tail()}",
                f"请按日志改正后重试；完整日志：{self.log}",
            ) from None

    async def stop(self) -> None:
        """Ask it to drain and end; kill it when it does not within `DRAIN_WITHIN_S`.

        The end of its stdin asks it on every system; Windows knows no signal that does.
        """
        if self.process.stdin is not None:
            self.process.stdin.close()
        else:
            with suppress(ProcessLookupError):
                self.process.terminate()
        try:
            async with asyncio.timeout(DRAIN_WITHIN_S):
                await self.process.wait()
        except TimeoutError:
            self.process.kill()
            await self.process.wait()

    def exit_error(self) -> CliError:
        """Return the error that its unexpected end is."""
        return CliError(
            f"{self.name}已退出，退出码 {self.process.returncode}",
            f"日志最后几行：\n{self.log_tail()}",
            f"请按日志改正后重试；完整日志：{self.log}",
        )

    def log_tail(self) -> str:
        """Return the end of its log."""
        lines = self.log.read_text("utf-8", "replace").splitlines()
        return "\n".join(lines[-_LOG_LINES:]) or "（没有输出）"

    async def _answers(self, client: httpx.AsyncClient) -> bool:
        try:
            return (await client.get(self.ready)).is_success
        except httpx.TransportError:
            return False


async def start_simulator(folder: Path, plan: Plan, settings: str = SIMULATOR_FILE) -> Program:
    """Start the simulator with a settings file of a provisioned folder."""
    ready = f"{plan.url('control')}{SUMMARY_PATH}"
    return await _start("部端模拟器", "simulator", folder / settings, ready)


async def start_gateway(folder: Path, plan: Plan, settings: str = GATEWAY_FILE) -> Program:
    """Start a gateway with a settings file of a provisioned folder."""
    return await _start("网关", "gateway", folder / settings, f"{plan.url('health')}/readyz")


async def _start(name: str, group: str, settings: Path, ready: str) -> Program:
    log = settings.parent / LOGS / f"{settings.stem}.log"
    arguments = (group, "serve", "--config", str(settings))
    return await Program.start(name, arguments, log=log, ready=ready)
