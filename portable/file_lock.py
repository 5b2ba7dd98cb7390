"""文件锁: one process alone has a file; the lock ends with the process, however that dies."""

import os
from pathlib import Path

from portable.files import update


class FileLocked(Exception):
    """Another process holds the lock."""


def lock_file(path: Path) -> int:
    """Lock a file, made where it is missing, and return its descriptor: closing it unlocks.

    Raises:
        FileLocked: Another process holds it, or this file system cannot lock.
        OSError: The file cannot be opened.
    """
    import portalocker  # noqa: PLC0415 - 40 ms that only a program with a file to lock needs

    handle = update(path)
    try:
        portalocker.lock(handle, portalocker.LOCK_EX | portalocker.LOCK_NB)
    except portalocker.LockException as exc:
        os.close(handle)
        raise FileLocked(str(path)) from exc
    return handle
