"""`python -m gateway --config gateway.toml`: one gateway until SIGTERM or Ctrl-C."""

import argparse
import asyncio
import importlib.util
import signal
import sys
from pathlib import Path

from gateway.app.lifecycle import Gateway
from gateway.config import Settings
from gateway.errors import Misconfigured
from gateway.logs import write_logs
from gateway.settings_file import load_settings


async def serve(settings: Settings) -> int:
    """Run one gateway until a signal asks it to end; return the exit code.

    Raises:
        Misconfigured: It cannot start as it is configured.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sent in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sent, stop.set)
    gateway = Gateway(settings)
    try:
        await gateway.start()
    except Misconfigured:
        await gateway.drain()
        raise
    return await gateway.run_until(stop)


def run(settings: Settings) -> int:
    """Run `serve` on uvloop where it is installed (extra `fast`), else on asyncio's own loop."""
    if importlib.util.find_spec("uvloop") is None:
        return asyncio.run(serve(settings))
    import uvloop  # noqa: PLC0415 - an extra

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(serve(settings))


def main() -> int:
    """Read the settings and run; 2 when they are wrong."""
    parser = argparse.ArgumentParser(prog="python -m gateway", description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="the TOML file of settings")
    try:
        settings = load_settings(parser.parse_args().config)
        write_logs(settings.log_level)
        return run(settings)
    except Misconfigured as exc:
        sys.stderr.write(f"{exc}\n")
        return 2


if __name__ == "__main__":
    sys.exit(main())
