"""Client certificates (客户端证书) of callers: a key counts over its owner's connection only."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from aiohttp import web

from gateway.errors import RequestRefused
from gateway.web.keyring import Caller
from transport.tls import shown_pin


@dataclass(frozen=True, slots=True)
class ClientCertificates:
    """The public keys that each caller's certificates may have, as pins by the caller's name.

    None means that the listener asks for no certificate: it speaks plain http, a proxy ends TLS
    before it, or TLS without client certificates is set.
    """

    pins: Mapping[str, frozenset[str]] | None = None

    def check(self, caller: Caller, request: web.Request) -> None:
        """Let a caller in whose signed request came over a connection of its own.

        Raises:
            RequestRefused: The certificate of the connection is none of the caller's.
        """
        if self.pins is None:
            return
        shown = shown_pin(request.get_extra_info("ssl_object"))
        if shown not in self.pins.get(caller.name, frozenset()):
            raise RequestRefused(
                "auth.certificate-mismatch", "this certificate is not registered for this key"
            )


ANY_CERTIFICATE: Final = ClientCertificates()


def client_certificates(pins: Mapping[str, tuple[str, ...]]) -> ClientCertificates:
    """Return what binds each caller to its certificates."""
    return ClientCertificates(
        MappingProxyType({name: frozenset(given) for name, given in pins.items()})
    )
