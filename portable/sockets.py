"""套接字: sockets with a path in the file system, which not every system has."""

import errno
import os
import socket
import stat
import sys
from pathlib import Path
from typing import Final

from portable.files import OWNER_ONLY

REUSES_ADDRESS: Final = os.name == "posix"
"""Whether SO_REUSEADDR only passes over connections that end; on Windows it steals the address."""


class NoUnixSockets(OSError):
    """This system has no sockets with a path."""

    def __init__(self) -> None:
        super().__init__(errno.EAFNOSUPPORT, "no Unix domain sockets on this system")


def is_unix_socket(line: socket.socket) -> bool:
    """Return whether a socket has a path, so that the other end is on this machine."""
    return sys.platform != "win32" and line.family == socket.AF_UNIX


def bind_unix_socket(path: Path) -> socket.socket:
    """Return a socket bound to `path`, its owner's alone; what a killed process left is replaced.

    Raises:
        NoUnixSockets: This system has none.
        OSError: The path cannot be taken.
    """
    if sys.platform == "win32":
        raise NoUnixSockets
    if _is_left_behind(path):
        path.unlink()
    one = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        os.fchmod(one.fileno(), OWNER_ONLY)  # before it has a name: never open to others
        one.bind(os.fspath(path))
    except BaseException:
        one.close()
        raise
    return one


def _is_left_behind(path: Path) -> bool:
    """Return whether a socket is there on which nobody listens."""
    if sys.platform == "win32" or not path.exists() or not stat.S_ISSOCK(path.stat().st_mode):
        return False
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        return probe.connect_ex(os.fspath(path)) == errno.ECONNREFUSED
