"""文件: how files are opened for their owner, flushed with their folder, and whose they are."""

import os
import sys
from pathlib import Path
from typing import Final

OWNER_ONLY: Final = 0o600
_OTHERS: Final = 0o077
HAS_MODES: Final = sys.platform != "win32"
"""Whether the mode of a file says who may read and write it: on Windows its access list does."""


def create(path: Path) -> int:
    """Open a new file to write bytes to, its owner's alone; return the descriptor.

    Raises:
        FileExistsError: There is one already.
    """
    return _open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL)


def overwrite(path: Path) -> int:
    """Open a file to write bytes to, emptied where it is there; return the descriptor."""
    return _open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)


def append(path: Path) -> int:
    """Open a file to append bytes to; return the descriptor."""
    return _open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)


def update(path: Path) -> int:
    """Open a file to read and write, made where it is missing; return the descriptor."""
    return _open(path, os.O_RDWR | os.O_CREAT)


def read_at_once(path: Path) -> int:
    """Open a file to read bytes from, without waiting where it is a pipe; return the descriptor."""
    if sys.platform == "win32":
        return _open(path, os.O_RDONLY)
    return _open(path, os.O_RDONLY | os.O_NONBLOCK)


def publish(part: Path, target: Path, *, replaces: bool) -> None:
    """Give a file that is whole its name; with `replaces` it takes the place of another.

    Raises:
        FileExistsError: There is one already, and it stays; so does the part.
    """
    if replaces:
        part.replace(target)
    elif sys.platform == "win32":
        part.rename(target)  # refuses there
    else:
        _publish_new(part, target)


def _publish_new(part: Path, target: Path) -> None:
    """Give `part` a name that is free; on a share without links the name is taken first, empty."""
    try:
        target.hardlink_to(part)  # refuses where there is one, unlike a rename
    except FileExistsError:
        raise
    except OSError:
        os.close(create(target))
        part.replace(target)
    else:
        part.unlink()


def flush_folder(folder: Path) -> None:
    """Flush which files are in a folder; Windows cannot, and its file system journals it."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def permissions(mode: int, *, has_modes: bool = HAS_MODES) -> int:
    """Return the permission bits of a file's mode, those for others only where modes have a say."""
    bits = mode & 0o7777
    return bits if has_modes else bits & ~_OTHERS


def is_another_users(owner: int) -> bool:
    """Return whether the user id `owner` is neither root's nor ours; root takes all as its own."""
    if sys.platform == "win32":
        return False  # a file there has no owner that Python could tell
    return os.geteuid() not in {0, owner} and owner != 0


def _open(path: Path, flags: int) -> int:
    """Open a file that child processes do not inherit, without translation of line ends."""
    if sys.platform == "win32":
        flags |= os.O_BINARY
    return os.open(path, flags, OWNER_ONLY)
