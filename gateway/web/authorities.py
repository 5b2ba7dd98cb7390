"""The authorities (主机名与端口) that the gateway answers to: others are not its messages.

A signature covers the authority that its sender meant. Nothing that a forwarding party says of it
is believed: what the gateway is called from outside is configured.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_address
from typing import Final, Self

from aiohttp import web

from gateway.setting_reasons import SettingReason
from schemas.reasons.reason import Unfit
from schemas.signing import SignatureErrorCode, SignatureRejected, Target
from transport.listen_address import TcpAddress, read_tcp_address

_LOOPBACK_NAMES: Final = ("localhost", "127.0.0.1", "::1")


class Scheme(StrEnum):
    """How callers reach the gateway; https where TLS ends in front of it."""

    HTTP = "http"
    HTTPS = "https"


_DEFAULT_PORTS: Final = {Scheme.HTTP: 80, Scheme.HTTPS: 443}


def read_authority(text: str, scheme: Scheme) -> str:
    """Return `host` or `host:port` as a signature covers it: lower case, no default port.

    Raises:
        Unfit: It is none, by which rule, and the cure.
    """
    has_port = ":" in text.rpartition("]")[2]
    address = read_tcp_address(text if has_port else f"{text}:{_DEFAULT_PORTS[scheme]}")
    if address.port == 0 or address.is_wildcard:
        raise Unfit(SettingReason.AUTHORITY.at())
    written = str(address).lower()
    return written.removesuffix(f":{_DEFAULT_PORTS[scheme]}")


@dataclass(frozen=True, slots=True)
class Authorities:
    """The authorities of one listening address.

    Without `public` ones they are the address that a connection came in on, with the other names of
    the loopback where it is that, and `listened`, the host as the setting writes it.
    """

    scheme: Scheme = Scheme.HTTP
    public: frozenset[str] = frozenset()
    listened: str = ""
    _known: dict[tuple[str, int], frozenset[str]] = field(default_factory=dict, compare=False)

    @classmethod
    def of(cls, public: Iterable[str], scheme: Scheme, listened: str = "") -> Self:
        """Return them by what the settings write.

        Raises:
            Unfit: One is no authority, by which rule, and the cure.
        """
        return cls(scheme, frozenset(read_authority(one, scheme) for one in public), listened)

    def target(self, request: web.Request) -> Target:
        """Return what a request asks for; whether that is ours to answer, `check` says.

        Raises:
            SignatureRejected: `malformed`, see `Target.received`.
        """
        return Target.received(
            request.method, _host_line(request), request.raw_path, scheme=self.scheme
        )

    def check(self, target: Target, request: web.Request) -> None:
        """Let a request in that is for this gateway.

        Raises:
            SignatureRejected: It is for another authority.
        """
        if target.authority not in (self.public or self._of_connection(request)):
            raise SignatureRejected(
                SignatureErrorCode.MISMATCH,
                "sent to an authority that this gateway is not; see public_authorities",
            )

    def _of_connection(self, request: web.Request) -> frozenset[str]:
        line = request.transport
        name: object = None if line is None else line.get_extra_info("sockname")
        if not isinstance(name, tuple):
            return frozenset()
        local = str(name[0]), int(name[1])
        if local not in self._known:
            self._known[local] = self._names_of(*local)
        return self._known[local]

    def _names_of(self, host: str, port: int) -> frozenset[str]:
        hosts = {host, self.listened} if self.listened else {host}
        if ip_address(host).is_loopback:
            hosts.update(_LOOPBACK_NAMES)
        return frozenset(read_authority(str(TcpAddress(one, port)), self.scheme) for one in hosts)


def _host_line(request: web.Request) -> str:
    """Return the Host header as it came; aiohttp invents one where it is missing."""
    return request.headers.get("Host", "")
