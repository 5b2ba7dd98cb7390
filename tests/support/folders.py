"""Temporary folders that other users may enter, on disk or in memory."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - only as the parent of a folder with a random name
_ROOM_BYTES: Final = 2 << 30
"""What must be free in memory: a container often has 64 MB there."""


@contextmanager
def open_folder(prefix: str, *, in_memory: bool = False) -> Iterator[Path]:
    """Yield a temporary folder that other users may enter; `in_memory` where there is room."""
    parent = _MEMORY if in_memory and _has_room(_MEMORY) else None
    with tempfile.TemporaryDirectory(prefix=prefix, dir=parent) as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


def put_test_folders_in_memory() -> None:
    """Let pytest make the folders of tests in memory, where there is room and programs may start.

    Hundreds of ledgers wait for their flushes otherwise. What a power cut leaves is proven on a
    disk of the test's own, see `tests/system/kills/power_cuts.py`.
    """
    if _has_room(_MEMORY) and not os.statvfs(_MEMORY).f_flag & os.ST_NOEXEC:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_MEMORY))


def _has_room(folder: Path) -> bool:
    return folder.is_dir() and shutil.disk_usage(folder).free >= _ROOM_BYTES
