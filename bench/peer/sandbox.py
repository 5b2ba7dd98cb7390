"""B3 的对照: exchanges a second of the MESH sandbox with its own client, at its best.

Its best is its store in memory, no access log, and a fresh process each time: nothing it takes is
flushed to disk, no body is signed, and its calls get dearer with every message it ever had.
"""

import asyncio
import os
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, STDOUT
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from bench.environment import running
from contracts.publish.export import PUBLISHED
from duijie.demo.programs import Program
from duijie.ports import HOST, free_ports

FOLDER: Final = Path(__file__).parents[2] / "var" / "bench-peer"
"""Where `make bench-peer` installs the peer."""
_PROGRAM: Final = Path(__file__).with_name("client_program.py")
_MESSAGE: Final = PUBLISHED / "examples" / "application" / "valid-whole.json"
_SERVER: Final = (
    *("-m", "uvicorn", "mesh_sandbox.api:app", "--workers", "1"),
    *("--no-access-log", "--log-level", "warning"),
)
_SETTINGS: Final = {"STORE_MODE": "memory", "AUTH_MODE": "full", "SHARED_KEY": "BenchKey"}


def peer_python(folder: Path = FOLDER) -> Path | None:
    """Return the Python of the peer's environment, None where it is not installed."""
    python = folder / "python" / "bin" / "python"
    installed = python.exists() and (folder / "requirements.lock").exists()
    return python if installed else None


async def exchanges_a_second(python: Path, *, under_way: int, count: int) -> float:
    """Return how many exchanges a second the peer completes with `under_way` at any time."""
    async with _sandbox(python) as url:
        client = await asyncio.create_subprocess_exec(
            *(python, _PROGRAM, url, str(under_way), str(count)), stdin=PIPE, stdout=PIPE
        )
        seconds, _ = await client.communicate(_MESSAGE.read_bytes())
    if client.returncode:
        raise RuntimeError(f"the client of the peer ended with {client.returncode}")
    return count / float(seconds)


@asynccontextmanager
async def _sandbox(python: Path) -> AsyncIterator[str]:
    """Run a fresh sandbox on the loopback; yield its base URL."""
    with tempfile.TemporaryDirectory(prefix="duijie-bench-peer-") as name:
        log, (port,) = Path(name) / "sandbox.log", free_ports(1)
        with log.open("wb") as file:
            process = await asyncio.create_subprocess_exec(
                *(python, *_SERVER, "--host", HOST, "--port", str(port)),
                env={**os.environ, **_SETTINGS},
                stdin=DEVNULL,
                stdout=file,
                stderr=STDOUT,
                cwd=name,
            )
        url = f"http://{HOST}:{port}"
        async with running(Program("MESH sandbox", process, log, f"{url}/health")):
            yield url
