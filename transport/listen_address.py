"""监听地址: where a server listens, as settings write it: `host:port`, or `unix:` and a path."""

import re
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from schemas.reasons.reason import Unfit
from schemas.signing.peer_urls import is_loopback
from transport.reasons import TransportReason

UNIX: Final = "unix:"
_HOST_PORT: Final = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^\[\]:/@\s]+):([0-9]{1,5})")
_NAME: Final = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(\.(?!-)[A-Za-z0-9-]{1,63})*")
_LIKE_NUMBERS: Final = re.compile(r"[0-9.]+")
_LAST_PORT: Final = 65_535
_LONGEST_NAME: Final = 253
_LONGEST_PATH_BYTES: Final = 107  # what the kernel takes, without the NUL at its end


@dataclass(frozen=True, slots=True)
class TcpAddress:
    """A host without brackets, and a port; port 0 takes a free one."""

    host: str
    port: int

    def __str__(self) -> str:
        """Return it as settings write it."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine reaches it."""
        return is_loopback(self.host)

    @property
    def is_wildcard(self) -> bool:
        """Whether it takes the port of every address of this machine."""
        return _is_address(self.host) and ip_address(self.host).is_unspecified

    def collides_with(self, other: "TcpAddress") -> bool:
        """Return whether both cannot be listened on at once."""
        if self.port != other.port or self.port == 0:
            return False
        return self.host == other.host or self.is_wildcard or other.is_wildcard


@dataclass(frozen=True, slots=True)
class UnixAddress:
    """The path of a Unix domain socket."""

    path: Path

    def __str__(self) -> str:
        """Return it as settings write it."""
        return f"{UNIX}{self.path}"


ListenAddress = TcpAddress | UnixAddress


def read_tcp_address(text: str) -> TcpAddress:
    """Return the address that `host:port` names; an IPv6 host stands in brackets.

    Raises:
        Unfit: It is none, by which rule, and the cure.
    """
    found = _HOST_PORT.fullmatch(text)
    if found is None:
        raise Unfit(TransportReason.NO_ADDRESS.at())
    host, port = found[1], int(found[2])
    if port > _LAST_PORT:
        raise Unfit(TransportReason.PORT.at(last=_LAST_PORT))
    if not (_is_bracketed(host) or _is_ipv4(host) or _is_name(host)):
        raise Unfit(TransportReason.HOST.at())
    return TcpAddress(host.strip("[]"), port)


def read_listen_address(text: str) -> ListenAddress:
    """Return the address that `host:port` or `unix:path` names.

    Raises:
        Unfit: It is none, by which rule, and the cure.
    """
    if not text.startswith(UNIX):
        return read_tcp_address(text)
    path = text.removeprefix(UNIX)
    if not path or path.endswith("/") or "\0" in path:
        raise Unfit(TransportReason.NO_SOCKET.at())
    if len(path.encode("utf-8", "surrogateescape")) > _LONGEST_PATH_BYTES:
        raise Unfit(TransportReason.SOCKET_TOO_LONG.at(bytes=_LONGEST_PATH_BYTES))
    return UnixAddress(Path(path))


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _is_bracketed(host: str) -> bool:
    return host.startswith("[") and ":" in host and _is_address(host.strip("[]"))


def _is_ipv4(host: str) -> bool:
    return ":" not in host and _is_address(host)


def _is_name(host: str) -> bool:
    """Return whether it can be a host name; a wrong IPv4 address is not taken for one."""
    if len(host) > _LONGEST_NAME or _LIKE_NUMBERS.fullmatch(host):
        return False
    return _NAME.fullmatch(host) is not None
