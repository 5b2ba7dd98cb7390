"""事件循环: the event loop of a program and the signals that end it; suits any program."""

import asyncio
import importlib.util
import os
import signal
import sys
import threading
from collections.abc import Coroutine
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")


def run_loop(work: Coroutine[None, None, T]) -> T:
    """Run `work` on uvloop where it is installed (extra `fast`), else on asyncio's own loop."""
    if importlib.util.find_spec("uvloop") is None:
        return asyncio.run(work)
    import uvloop  # noqa: PLC0415 - an extra

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


def stop_event(*, with_parent: bool = False) -> asyncio.Event:
    """Return an event that SIGINT or SIGTERM sets; `with_parent`, the end of stdin does, too.

    Must be called inside the running loop.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    if with_parent:
        threading.Thread(target=_watch_stdin, args=(loop, stop), daemon=True).start()
    return stop


def _watch_stdin(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    with suppress(RuntimeError):  # the loop has ended before this thread
        loop.call_soon_threadsafe(stop.set)
