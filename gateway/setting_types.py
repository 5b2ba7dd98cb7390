"""What settings are made of (设置的类型): each refuses the impossible by rule and cure.

No message repeats a value: it may be a secret in the wrong place.
"""

import ssl
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from gateway.tls import OutgoingTls, ServingTls, client_context, server_context
from gateway.web.authorities import Scheme, read_authority
from schemas.signing.certificates import check_pin
from schemas.signing.listen_address import TcpAddress, read_listen_address, read_tcp_address
from schemas.signing.peer_urls import check_peer_url, check_plain_http
from storage.urls import check_store_url, has_control_character

LONGEST_PATH: Final = 4_000


def _check_file_path(path: Path) -> Path:
    text = str(path)
    if text in {"", "."} or has_control_character(text) or len(text) > LONGEST_PATH:
        raise ValueError("no path: empty, too long or with a control character; name a file")
    return path


def _check_address(text: str) -> str:
    read_tcp_address(text)
    return text


def _check_own_address(text: str) -> str:
    address = read_listen_address(text)
    if isinstance(address, TcpAddress) and not address.is_loopback:
        raise ValueError(
            "must be a loopback address such as 127.0.0.1:8082, or unix: and a path; other "
            "machines reach it through an SSH tunnel"
        )
    return text


def _check_authority(text: str) -> str:
    read_authority(text, Scheme.HTTP)
    return text


def _refuse_truth_values(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("true and false are no numbers; write a number")  # noqa: TRY004 - pydantic reports a ValueError as the setting's fault
    return value


Address = Annotated[str, AfterValidator(_check_address)]
"""Where a server listens: `host:port`; port 0 takes a free one."""
OwnAddress = Annotated[str, AfterValidator(_check_own_address)]
"""An address that only this machine reaches: `host:port` on loopback, or `unix:` and a path."""
PublicAuthority = Annotated[str, AfterValidator(_check_authority)]
"""A host, or `host:port`, as callers have it in their URL."""
PeerUrl = Annotated[str, AfterValidator(check_peer_url)]
"""The base of signed calls, without a slash at its end."""
StoreUrl = Annotated[str, AfterValidator(check_store_url)]
"""`sqlite:///path` or `postgresql://…`."""
FilePath = Annotated[Path, AfterValidator(_check_file_path)]
"""A file or folder; whether it is there is seen when it is opened."""
Number = Annotated[int, BeforeValidator(_refuse_truth_values)]
"""A whole number, which `true` is not."""


Pins = Annotated[tuple[Annotated[str, AfterValidator(check_pin)], ...], Field(max_length=2)]
"""Public keys by their SHA-256: one, or two while one is exchanged for the other."""


class Table(BaseModel):
    """A table of settings: unknown names are refused, values never shown."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class LinkTls(Table):
    """TLS of one outgoing link: without `ca_file` the system's authorities are trusted.

    `pins` are public keys of the peer, two while one is exchanged for the other; the client
    certificate is ours, for peers that ask for one (双向 TLS).
    """

    ca_file: FilePath | None = None
    pins: Pins = ()
    client_certificate_file: FilePath | None = None
    client_key_file: FilePath | None = None

    @model_validator(mode="after")
    def _certificate_has_its_key(self) -> Self:
        if (self.client_certificate_file is None) != (self.client_key_file is None):
            raise ValueError("client_certificate_file and client_key_file go together; name both")
        return self


class OutgoingLink(Table):
    """How a peer is called: where, and how we know that it is the peer.

    `allow_plain_http` is for networks that are encrypted themselves.
    """

    url: PeerUrl | None = None
    allow_plain_http: bool = False
    tls: LinkTls | None = None

    @model_validator(mode="after")
    def _transport_fits_the_url(self) -> Self:
        if self.url is not None:
            try:
                check_plain_http(self.url, allowed=self.allow_plain_http)
            except ValueError as exc:
                raise ValueError(f"url: {exc}") from exc
        if self.tls is not None and not (self.url or "").startswith("https://"):
            raise ValueError("tls: for a url that begins with https://; correct the url")
        return self


class ListenTls(Table):
    """TLS that the listener for agencies serves itself, where no proxy ends it.

    With `client_ca_file`, a client must show a certificate of that authority (双向 TLS).
    """

    certificate_file: FilePath
    key_file: FilePath
    client_ca_file: FilePath | None = None


def serving_context(tls: ListenTls | None) -> ssl.SSLContext | None:
    """Return the TLS context of the listener; None for plain http.

    Raises:
        Misconfigured: A file is missing, is not what it should be, or is open to others.
    """
    if tls is None:
        return None
    serving = ServingTls(tls.certificate_file, tls.key_file, tls.client_ca_file)
    return server_context(serving, "listen_tls")


def outgoing_context(link: OutgoingLink, peer: str) -> ssl.SSLContext | None:
    """Return the TLS context that is set for calls of `peer`; None for that of the system.

    Raises:
        Misconfigured: A file is missing, is not what it should be, or is open to others.
    """
    if link.tls is None:
        return None
    tls = OutgoingTls(
        link.tls.ca_file,
        frozenset(link.tls.pins),
        link.tls.client_certificate_file,
        link.tls.client_key_file,
    )
    return client_context(tls, f"{peer}: tls")
