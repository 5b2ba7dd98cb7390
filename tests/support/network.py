"""No test talks to another machine: Python sockets reach loopback and Unix sockets only.

Nor does it trust any authority of the machine, so that what it proves does not depend on them.

The guard is an audit hook of the interpreter, so nothing is replaced and no library is known by
name. Code that opens sockets without the interpreter (libpq, libuv) is not seen by it.
"""

import os
import socket
import sys
from ipaddress import ip_address

CONNECTING = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
NAMING = frozenset({"socket.getaddrinfo", "socket.gethostbyname"})
INTERNET = frozenset({socket.AF_INET, socket.AF_INET6})
_NO_AUTHORITY = {"SSL_CERT_FILE": os.devnull, "SSL_CERT_DIR": os.devnull}


class NetworkBlockedError(RuntimeError):
    """A test tried to leave this machine; not an `OSError`, so that no retry can swallow it."""


def forbid_network() -> None:
    """Install the guard for the rest of the process; audit hooks cannot be taken out again."""
    sys.addaudithook(_watch)


def trust_no_authority() -> None:
    """Let this process and what it starts find no certificate authority where OpenSSL looks.

    Each program saves the tenth of a second that the machine's own list takes to read.
    """
    os.environ |= _NO_AUTHORITY


def with_authorities_of_the_machine() -> dict[str, str]:
    """Return the environment for a program that does not start without any authority."""
    return {name: value for name, value in os.environ.items() if name not in _NO_AUTHORITY}


def _watch(
    event: str,
    arguments: tuple[object, ...],
    connecting: frozenset[str] = CONNECTING,
    naming: frozenset[str] = NAMING,
) -> None:
    """See what is done; at the interpreter's end, the names of this module are gone already."""
    if event in connecting:
        _check_address(arguments)
    elif event in naming:
        _check_name(arguments[0])


def _check_address(arguments: tuple[object, ...]) -> None:
    opened, address = arguments[0], arguments[1]
    if not isinstance(opened, socket.socket) or opened.family not in INTERNET:
        return
    if isinstance(address, tuple) and not _is_here(str(address[0])):
        raise NetworkBlockedError(f"a test reached out to {address[0]}")


def _check_name(host: object) -> None:
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    if isinstance(name, str) and name and not _is_number(name) and not _is_here(name):
        raise NetworkBlockedError(f"a test asked for the address of {name}")


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _is_here(host: str) -> bool:
    if host in {"localhost", "", "0.0.0.0", "::"}:  # noqa: S104 - compared, not bound
        return True
    return _is_number(host) and ip_address(host).is_loopback
