"""落盘次数: how often a gateway has waited for the disk, for commits and for checkpoints."""

import re
from pathlib import Path
from typing import Final

import httpx

from bench.environment import Environment
from storage.urls import sqlite_path

_COMMITS: Final = re.compile(r"^duijie_store_flushes ([0-9.e+]+)$", re.MULTILINE)
_A_CHECKPOINT: Final = 3
"""The log before its pages are copied, the file after it, and the head of the log begun anew."""
_SEQUENCE: Final = slice(12, 16)


async def count_flushes(env: Environment) -> float:
    """Return the flushes of the running gateway since it started, up to a difference.

    Checkpoints are SQLite's own; their number goes up in the head of its write-ahead log, whatever
    it began with. A checkpoint of PostgreSQL is made by the server, for all of its databases.
    """
    async with httpx.AsyncClient(trust_env=False) as client:
        shown = await client.get(f"{env.plan.url('health')}/metrics")
    found = _COMMITS.search(shown.text)
    if found is None:
        raise RuntimeError("no metric duijie_store_flushes")
    path = sqlite_path(env.settings.store)
    return float(found[1]) + (0 if path is None else _A_CHECKPOINT * checkpoints(path))


def checkpoints(path: Path) -> int:
    """Return the number of the last checkpoint of a SQLite file after which its log began anew."""
    with path.with_name(f"{path.name}-wal").open("rb") as log:
        head = log.read(_SEQUENCE.stop)
    return int.from_bytes(head[_SEQUENCE], "big")
