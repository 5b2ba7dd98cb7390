"""进程: one gateway as a process, from its settings file to the signal that ends it.

Both commands that run a gateway call `serve`. The loop and the stop event suit any program.
"""

import asyncio
import importlib.util
import os
import signal
import sys
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from gateway.app.lifecycle import Addresses, Gateway
from gateway.config import Settings
from gateway.logs import write_logs
from gateway.settings_file import load_settings
from gateway.web.contract_page import Page

T = TypeVar("T")


def serve(
    config: Path,
    *,
    page: Page | None = None,
    on_ready: Callable[[Addresses], None] | None = None,
    with_parent: bool = False,
) -> int:
    """Run the gateway of a settings file until it is asked to stop; return the exit code.

    Args:
        config: The TOML file of settings.
        page: The contract page, which the gateway cannot make itself.
        on_ready: Called once the gateway listens.
        with_parent: The end of stdin stops the gateway, too.

    Raises:
        GatewayError: It cannot start: its settings or keys are wrong, or its ledger is not there.
        OSError: It cannot listen where it should.
    """
    settings = load_settings(config)
    write_logs(settings.log_level)
    return run_loop(_serve(settings, page, on_ready, with_parent=with_parent))


async def _serve(
    settings: Settings,
    page: Page | None,
    on_ready: Callable[[Addresses], None] | None,
    *,
    with_parent: bool,
) -> int:
    stop = stop_event(with_parent=with_parent)
    gateway = Gateway(settings, page=page)
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, gateway.reload_keys)
    try:
        await gateway.start()
    except BaseException:
        await gateway.drain()
        raise
    if on_ready is not None:
        on_ready(gateway.addresses)
    return await gateway.run_until(stop)


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
