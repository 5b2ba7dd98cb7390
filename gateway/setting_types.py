"""What settings are made of (设置的类型): each refuses the impossible by rule and cure.

No message repeats a value: it may be a secret in the wrong place.
"""

import ssl
from datetime import time
from functools import partial
from typing import Annotated, Final, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from gateway.errors import misconfigured
from gateway.setting_reasons import SettingReason
from gateway.web.authorities import Scheme, read_authority
from schemas.reasons.reason import Unfit
from schemas.signing.peer_urls import check_peer_url, check_plain_http
from storage.urls import check_store_url
from transport.listen_address import TcpAddress, read_listen_address, read_tcp_address
from transport.tls import TlsInUse
from transport.tls_settings import LinkTls, ListenTls, Table


def _check_address(text: str) -> str:
    read_tcp_address(text)
    return text


def _check_own_address(text: str) -> str:
    address = read_listen_address(text)
    if isinstance(address, TcpAddress) and not address.is_loopback:
        raise Unfit(SettingReason.LOOPBACK_ONLY.at())
    return text


def _check_authority(text: str) -> str:
    read_authority(text, Scheme.HTTP)
    return text


def _refuse_truth_values(value: object) -> object:
    if isinstance(value, bool):
        raise Unfit(SettingReason.NO_NUMBER.at())
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
Number = Annotated[int, BeforeValidator(_refuse_truth_values)]
"""A whole number, which `true` is not."""


OFF: Final = "off"
DailyTime = Annotated[str, Field(pattern=rf"^(([01][0-9]|2[0-3]):[0-5][0-9]|{OFF})$")]
"""A time of every day, `HH:MM`, or `off`."""


def read_daily_time(text: str) -> time | None:
    """Return the time of a `DailyTime`; None for `off`."""
    return None if text == OFF else time.fromisoformat(text)


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
            except Unfit as exc:
                raise Unfit(*exc.reasons_within("url")) from exc
        if self.tls is not None and not (self.url or "").startswith("https://"):
            raise Unfit(SettingReason.TLS_WITHOUT_HTTPS.at("tls"))
        return self


def serving_tls(tls: ListenTls | None) -> TlsInUse | None:
    """Return the TLS of the listener; None for plain http.

    Raises:
        Misconfigured: A file is missing, is not what it should be, or is open to others; also when
            it is read again.
    """
    return None if tls is None else TlsInUse(misconfigured()(partial(tls.context, "listen_tls")))


def outgoing_tls(link: OutgoingLink, peer: str) -> TlsInUse | None:
    """Return the TLS that is set for calls of `peer`; None for that of the system.

    Raises:
        Misconfigured: As `serving_tls`.
    """
    if link.tls is None:
        return None
    return TlsInUse(misconfigured()(partial(link.tls.context, f"{peer}: tls")))


def outgoing_context(link: OutgoingLink, peer: str) -> ssl.SSLContext | None:
    """Return the TLS context that is set for calls of `peer`; None for that of the system.

    Raises:
        Misconfigured: A file is missing, is not what it should be, or is open to others.
    """
    with misconfigured():
        return None if link.tls is None else link.tls.context(f"{peer}: tls")
