"""Nothing a peer answers ends a loop or the process, blocks, takes memory, or is told in a log.

The real gateway asks a portal and pushes to an agency that answer with hostile answers. A few in
the suite; `make fuzz ANSWERS=20000` for more, `SEED=…` to see the same again.
"""

import asyncio
import gc
import io
import logging
import os
import resource
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Final

import pytest

from gateway.app.lifecycle import Gateway
from gateway.domain.dispatch import dispatch_number
from gateway.flows.intake import ingest
from gateway.flows.outcome import record_outcomes
from gateway.logs import write_logs
from schemas.records.strict_json import RawItem
from schemas.reference.clock import utc_now
from tests.builders.records import JINSHUI, application_json, outcome_json, rules
from tests.integration.gateway.harness import AGENCIES, served_portal
from tests.integration.gateway.hostile.answers import HostileAnswers
from tests.integration.gateway.peers import PortalServer
from tests.support.canaries import scan
from tests.support.clock import SettableClock
from tests.support.hostile_server import HostileServer, serving_hostile
from tests.support.peers import ScriptedPortal
from tests.support.stack import Stack, make_stack
from tests.support.until import PATIENCE_S, until

ANSWERS: Final = int(os.environ.get("DUIJIE_FUZZ_ANSWERS", "150"))
SEED: Final = os.environ.get("DUIJIE_FUZZ_SEED", "7")
LONGEST_BLOCK_S: Final = 0.1
MAX_GROWTH_KIB: Final = 100 << 10
_SHOW_EVERY: Final = 1000
_DUE: Final = 4
_STEP_S: Final = 0.02
_MEASURE_EVERY_S: Final = 0.002


class WokenGateway(Gateway):
    """A gateway whose loops the test wakes, and of which it asks whether they still run."""

    def wake(self) -> None:
        """End the pauses of all loops."""
        for loop in self._opened().loops:
            loop.wake_event.wake()

    def check(self) -> None:
        """Fail if a loop has ended."""
        assert self._failure is None
        assert not any(task.done() for task in self._loops)


@pytest.fixture(params=["sqlite", "postgresql"])
def stack(request: pytest.FixtureRequest, tmp_path: Path) -> Stack:
    """Give the keys and settings of a gateway over each of the two databases."""
    if request.param == "sqlite":
        return make_stack(tmp_path, AGENCIES)
    return make_stack(tmp_path, AGENCIES, store=request.getfixturevalue("make_ledger_database")())


async def test_hostile_answers_do_no_harm(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    clock, logged = SettableClock(utc_now), io.StringIO()
    with all_logs(logged):
        async with running(stack, clock) as gateway:
            await attacked(gateway, stack, clock, AnswerCount(capsys))
            gateway.check()
            figures = gateway.metrics.exposition().decode()
            await still_works(gateway, stack, clock)

    assert '"event":"gateway.ended"' in logged.getvalue()
    assert scan({"log": logged.getvalue().encode(), "metrics": figures.encode()}) == []


async def attacked(
    gateway: WokenGateway, stack: Stack, clock: SettableClock, progress: "AnswerCount"
) -> None:
    """Let the peers answer until enough was answered; time flies, so that no pause holds it up."""
    loop = asyncio.get_running_loop()
    turned = asyncio.Event()

    def answered() -> None:
        loop.call_soon_threadsafe(turned.set)

    servers = []
    with ExitStack() as serving:
        for name, connection in (("portal", stack.portal()), ("agency", stack.push(JINSHUI))):
            answers = HostileAnswers(f"{SEED}-{name}", connection.of_answerer(), clock)
            servers.append(HostileServer(answers.answer, answered))
            serving.enter_context(serving_hostile(servers[-1], connection.port))
        await enqueue(gateway, clock, 0)
        before, usage, growth = 0, memory_kib(), 0
        async with measured() as longest_block_s, asyncio.timeout(PATIENCE_S):
            while (count := sum(server.count for server in servers)) < ANSWERS:
                if count // 25 > before // 25:
                    await enqueue(gateway, clock, count)
                    gateway.check()
                before = count
                growth = max(growth, memory_kib() - usage)
                progress.show(count, longest_block_s(), growth)
                clock.forward(minutes=61)
                gateway.wake()
                with suppress(TimeoutError):
                    async with asyncio.timeout(_STEP_S):
                        await turned.wait()
                turned.clear()
        assert all(server.count > ANSWERS // 50 for server in servers)
        assert longest_block_s() <= LONGEST_BLOCK_S
        assert growth <= MAX_GROWTH_KIB


async def enqueue(gateway: WokenGateway, clock: SettableClock, number: int) -> None:
    """Have something to push and something to report."""
    for part in range(_DUE):
        key = f"SY-{number}-{part}"
        honest = ScriptedPortal(feed=[application_json(application_no=key)])
        await ingest(honest, store=gateway.store, rules=rules(), now=clock)
        if part % 2:
            continue
        outcome = outcome_json(application_no=key, dispatch_no=dispatch_number(key, 1))
        await record_outcomes([RawItem(outcome)], sender=JINSHUI, store=gateway.store, now=clock)


async def still_works(gateway: WokenGateway, stack: Stack, clock: SettableClock) -> None:
    """Take an application over from a portal that has come to its senses."""
    portal = PortalServer(now=clock)
    portal.forward(application_json(application_no="SY-AFTER"))
    async with served_portal(stack, portal):

        def taken() -> bool:
            gateway.wake()
            clock.forward(minutes=5)
            return "SY-AFTER" in portal.acknowledged

        await until(taken, "the gateway takes an application over after the attack", every_s=0.2)
    gateway.check()


@asynccontextmanager
async def running(stack: Stack, clock: SettableClock) -> AsyncIterator[WokenGateway]:
    """Run the gateway until the block ends."""
    gateway = WokenGateway(stack.gateway_settings(), now=clock)
    try:
        await gateway.start()
        yield gateway
    finally:
        await gateway.drain()


@asynccontextmanager
async def measured() -> AsyncIterator[Callable[[], float]]:
    """Measure the longest time, of the processor, that this thread gave to nobody else.

    Time of the processor, because the machine may be shared; what lived before is not collected.
    """
    longest, ended = 0.0, asyncio.Event()

    async def measure() -> None:
        nonlocal longest
        while not ended.is_set():
            before = time.thread_time()
            with suppress(TimeoutError):
                async with asyncio.timeout(_MEASURE_EVERY_S):
                    await ended.wait()
            longest = max(longest, time.thread_time() - before)

    gc.collect()
    gc.freeze()
    measuring = asyncio.create_task(measure())
    try:
        yield lambda: longest
    finally:
        ended.set()
        await measuring
        gc.unfreeze()


class AnswerCount:
    """Shows how far it is, past what pytest captures."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys, self._shown = capsys, 0

    def show(self, count: int, block_s: float, growth_kib: int) -> None:
        """Print a line every thousand answers."""
        if count // _SHOW_EVERY == self._shown:
            return
        self._shown = count // _SHOW_EVERY
        with self._capsys.disabled():
            sys.stdout.write(
                f"\n{count}/{ANSWERS} answers, seed {SEED}: "
                f"blocked {block_s * 1000:.0f} ms, +{growth_kib >> 10} MiB\n"
            )


@contextmanager
def all_logs(stream: io.StringIO) -> Iterator[None]:
    """Write all logs to `stream` as a process does."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    write_logs("debug", stream)
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)


def memory_kib() -> int:
    """Return the memory that the process has now, in KiB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() >> 10
