"""事件循环: the event loop of a program and the signals that end it; suits any program."""

import asyncio
import importlib.util
import os
import signal
import sys
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Final, TypeVar

T = TypeVar("T")

if sys.platform == "win32":
    STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGBREAK)
    HANGUP: Final[signal.Signals | None] = None
else:
    STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
    HANGUP: Final[signal.Signals | None] = signal.SIGHUP


def run_loop(work: Coroutine[None, None, T]) -> T:
    """Run `work` on uvloop where it is installed (extra `fast`), else on asyncio's own loop."""
    if importlib.util.find_spec("uvloop") is None:
        return asyncio.run(work)
    import uvloop  # noqa: PLC0415 - an extra

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


def stop_event(*, with_parent: bool = False) -> asyncio.Event:
    """Return an event that SIGINT or SIGTERM sets; `with_parent`, the end of stdin does, too.

    On Windows Ctrl-Break sets it besides. Must be called inside the running loop, in the main
    thread.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in STOP_SIGNALS:
        _call_on(number, stop.set, loop)
    if with_parent:
        threading.Thread(target=_watch_stdin, args=(loop, stop), daemon=True).start()
    return stop


def call_on_hangup(reload: Callable[[], object]) -> None:
    """Call `reload` in the running loop at each SIGHUP, which from then on ends nothing.

    There is no SIGHUP on Windows: nothing calls it there.
    """
    if HANGUP is not None:
        _call_on(HANGUP, reload, asyncio.get_running_loop())


def _call_on(
    number: signal.Signals, callback: Callable[[], object], loop: asyncio.AbstractEventLoop
) -> None:
    """Have the loop call `callback` at a signal, also where the loop itself cannot watch it."""
    try:
        loop.add_signal_handler(number, callback)
    except NotImplementedError:
        signal.signal(number, lambda *_: _call_soon(loop, callback))


def _watch_stdin(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    _call_soon(loop, stop.set)


def _call_soon(loop: asyncio.AbstractEventLoop, callback: Callable[[], object]) -> None:
    """Have the loop call `callback`, from a thread or in the midst of anything."""
    with suppress(RuntimeError):  # the loop has ended
        loop.call_soon_threadsafe(callback)
