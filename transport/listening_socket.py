"""Taking a listening address: by host and port, or by the path of a socket for its owner only."""

import asyncio
import errno
import os
import ssl
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from portable.sockets import bind_unix_socket
from schemas.reasons.quotations import quote_system
from transport.errors import TransportMisconfigured
from transport.listen_address import ListenAddress, TcpAddress, UnixAddress
from transport.reasons import TransportReason

_BACKLOG: Final = 512
HANDSHAKE_S: Final = 10.0
"""How long a TLS handshake may take."""
_TURNS_TO_BEGIN: Final = 5
"""Turns of the event loop from accepting a connection to its protocol, and some to spare."""
_REASONS: Final = {
    errno.EADDRINUSE: TransportReason.IN_USE,
    errno.EADDRNOTAVAIL: TransportReason.NOT_OURS,
    errno.EACCES: TransportReason.NOT_ALLOWED,
    errno.ENOENT: TransportReason.NO_FOLDER,
}

Factory = Callable[[], asyncio.Protocol]


async def listen(
    factory: Factory, address: ListenAddress, setting: str, tls: ssl.SSLContext | None = None
) -> asyncio.Server:
    """Listen on the address that the setting `setting` names; TLS is for TCP only.

    Raises:
        TransportMisconfigured: The address cannot be taken; which setting, and the cure.
    """
    loop = asyncio.get_running_loop()
    try:
        match address:
            case TcpAddress(host, port):
                return await loop.create_server(
                    factory,
                    host,
                    port,
                    backlog=_BACKLOG,
                    ssl=tls,
                    ssl_handshake_timeout=None if tls is None else HANDSHAKE_S,
                )
            case UnixAddress(path):
                taken = bind_unix_socket(path)
                return await loop.create_unix_server(factory, sock=taken, backlog=_BACKLOG)
    except OSError as exc:
        reason = _REASONS.get(exc.errno or 0, TransportReason.CANNOT_LISTEN)
        raise TransportMisconfigured(
            reason.at(setting, address=str(address), said=quote_system(exc))
        ) from exc


async def stop_listening(server: asyncio.Server) -> None:
    """Accept no more, let what was accepted begin, and close.

    A connection that asyncio accepted in the turn in which its server closes would be left open and
    unanswered until the collector finds it.
    """
    loop = asyncio.get_running_loop()
    for listening in server.sockets:
        with suppress(NotImplementedError):  # a loop that accepts ahead, as on Windows
            loop.remove_reader(listening.fileno())
    for _ in range(_TURNS_TO_BEGIN):
        await asyncio.sleep(0)
    server.close()


def url_of(server: asyncio.Server, scheme: str = "http") -> str:
    """Return the base address that the server really has."""
    name: object = server.sockets[0].getsockname()
    if isinstance(name, tuple):
        return f"{scheme}://{TcpAddress(*name[:2])}"
    return str(UnixAddress(Path(os.fsdecode(name)))) if isinstance(name, str | bytes) else ""


def remove_socket(address: ListenAddress) -> None:
    """Remove the file of a socket that is listened on no more."""
    if isinstance(address, UnixAddress):
        with suppress(FileNotFoundError):
            address.path.unlink()
