"""A program stops and reads its files again where the loop itself cannot watch signals."""

import asyncio
import signal
from collections.abc import Callable, Iterator
from typing import TypeVarTuple

import pytest

from portable.event_loop import HANGUP, STOP_SIGNALS, call_on_hangup, stop_event
from tests.support.until import until

Ts = TypeVarTuple("Ts")


class LoopWithoutSignals(asyncio.SelectorEventLoop):
    """A loop like those of Windows."""

    def add_signal_handler(self, sig: int, callback: Callable[[*Ts], object], *args: *Ts) -> None:
        """Say that there is no such thing."""
        raise NotImplementedError


@pytest.fixture(autouse=True)
def _handlers_as_before() -> Iterator[None]:
    numbers = (*STOP_SIGNALS, HANGUP or signal.SIGHUP)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture(params=[asyncio.SelectorEventLoop, LoopWithoutSignals])
def runner(request: pytest.FixtureRequest) -> Iterator[asyncio.Runner]:
    with asyncio.Runner(loop_factory=request.param) as one:
        yield one


@pytest.mark.parametrize("number", STOP_SIGNALS)
def test_a_signal_ends_what_waits_for_the_stop(
    runner: asyncio.Runner, number: signal.Signals
) -> None:
    async def run() -> None:
        stop = stop_event()
        assert not stop.is_set()
        signal.raise_signal(number)
        async with asyncio.timeout(10):
            await stop.wait()

    runner.run(run())


def test_each_hangup_calls_the_reload_in_the_loop(runner: asyncio.Runner) -> None:
    async def run() -> None:
        called_in: list[asyncio.AbstractEventLoop] = []
        call_on_hangup(lambda: called_in.append(asyncio.get_running_loop()))
        signal.raise_signal(HANGUP or signal.SIGHUP)
        await until(lambda: len(called_in) == 1)
        signal.raise_signal(HANGUP or signal.SIGHUP)
        await until(lambda: len(called_in) == 2)
        assert set(called_in) == {asyncio.get_running_loop()}

    runner.run(run())


def test_a_signal_after_the_end_of_the_loop_is_no_error() -> None:
    async def run() -> None:
        stop_event()

    with asyncio.Runner(loop_factory=LoopWithoutSignals) as one:
        one.run(run())
    signal.raise_signal(signal.SIGTERM)
