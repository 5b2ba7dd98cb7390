"""端口: finds free ports, and the program that listens on a taken one."""

import os
import socket
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Final

from duijie.errors import CliError
from portable.sockets import REUSES_ADDRESS

HOST: Final = "127.0.0.1"
_LISTENING: Final = "0A"
_PROC: Final = Path("/proc")


def free_ports(count: int) -> list[int]:
    """Return `count` different ports of the loopback on which nothing listens."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind((HOST, 0))
        return [one.getsockname()[1] for one in sockets]


def require_free(required: Iterable[tuple[str, int]]) -> None:
    """Check that every port can be listened on; each comes with the option that sets it.

    Raises:
        CliError: A port is taken; names the program that listens on it, where that can be seen.
    """
    for option, port in required:
        if is_taken(HOST, port):
            owner = owner_of(port) or "另一个程序（无法识别，可能属于其他用户）"
            other = free_ports(1)[0]
            cure = (
                "请停止该程序（如为上一次 duijie up，在其窗口按 Ctrl-C），"
                f"或更换端口：{option} {other}"
            )
            raise CliError(f"端口 {HOST}:{port} 已被占用", f"占用者：{owner}", cure)


def is_taken(host: str, port: int) -> bool:
    """Return whether the port cannot be listened on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        if REUSES_ADDRESS:  # as the servers do
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False


def owner_of(port: int) -> str | None:
    """Return «command line (pid N)» of the listener on `port`; None where it cannot be seen."""
    inodes = set(_listening_inodes(port))
    if not inodes:
        return None
    for folder in _PROC.glob("[0-9]*"):
        if inodes & set(_socket_inodes(folder)):
            return f"{_command(folder)} (pid {folder.name})"
    return None


def _listening_inodes(port: int) -> Iterator[str]:
    for table in ("tcp", "tcp6"):
        with suppress(OSError):
            for line in (_PROC / "net" / table).read_text("ascii").splitlines()[1:]:
                cells = line.split()
                if cells[3] == _LISTENING and int(cells[1].rpartition(":")[2], 16) == port:
                    yield cells[9]


def _socket_inodes(folder: Path) -> Iterator[str]:
    with suppress(OSError):  # another user's, or gone meanwhile
        for link in (folder / "fd").iterdir():
            with suppress(OSError):
                name = os.readlink(link)  # noqa: PTH115 - no path: «socket:[12345]»
                if name.startswith("socket:["):
                    yield name[len("socket:[") : -1]


def _command(folder: Path) -> str:
    with suppress(OSError):
        words = (folder / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
        return " ".join(words).strip()[:80] or "?"
    return "?"
