"""Whether a request may come in, by the access that its endpoint declares."""

import re
from ipaddress import ip_address
from typing import Final

from aiohttp import web

from gateway.errors import RequestRefused
from gateway.web.endpoints import Reach, SignedEndpoint, UnsignedEndpoint
from gateway.web.keyring import Caller
from portable.sockets import is_unix_socket

_PORT: Final = re.compile(r":[0-9]{1,5}$")
_FORWARDING: Final = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")


def check_caller(endpoint: SignedEndpoint, caller: Caller) -> None:
    """Let an authenticated caller in.

    Raises:
        RequestRefused: The role of its key is not one of those that the endpoint declares.
    """
    if caller.role not in endpoint.access:
        raise RequestRefused("auth.not-allowed", f"a key of role {caller.role} cannot call this")


def check_origin(endpoint: UnsignedEndpoint, request: web.Request) -> None:
    """Let an unsigned request in.

    Raises:
        RequestRefused: The endpoint is for this machine only, and the peer is elsewhere, a proxy
            forwards, or the name used is not this machine's.
    """
    if endpoint.access is not Reach.ANYBODY and not _is_local(request):
        raise RequestRefused("auth.not-allowed", "this is served to this machine only")


def _is_local(request: web.Request) -> bool:
    forwarded = any(name in request.headers for name in _FORWARDING)
    return not forwarded and _is_from_here(request) and _names_us(request.host)


def _is_from_here(request: web.Request) -> bool:
    """Say whether the other end is this machine's: by its address, or by a Unix domain socket."""
    line = None if request.transport is None else request.transport.get_extra_info("socket")
    if line is not None and is_unix_socket(line):
        return True
    return _is_loopback(request.remote or "")


def _names_us(host_header: str) -> bool:
    """Say whether a Host header means this machine; a name that merely resolves here does not."""
    host = _PORT.sub("", host_header).strip("[]")
    return host == "localhost" or _is_loopback(host)


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
