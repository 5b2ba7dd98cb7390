"""TLS (传输层安全): whom we take for the peer, how we show ourselves, and who may connect to us.

As a client: the certificate must come from a trusted authority and bear the name that is called;
where pins are set, its public key must be one of them besides. All of it is judged in the
handshake: a peer that does not pass receives nothing. As a server: without a certificate of the
authority that is set for clients no connection comes about.
"""

import ssl
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from portable.files import permissions
from schemas.reasons.quotations import quote_system
from schemas.signing.certificates import CertificateFacts
from transport.errors import TransportMisconfigured
from transport.reasons import TransportReason

OTHERS: Final = 0o077
"""The file modes of a private key that let others at it."""


@dataclass(frozen=True, slots=True)
class OutgoingTls:
    """What is set for one connection: without `ca_file` the system's authorities are trusted.

    `certificate_file` and `key_file` are ours to show (双向 TLS); both or neither.
    """

    ca_file: Path | None = None
    pins: frozenset[str] = frozenset()
    certificate_file: Path | None = None
    key_file: Path | None = None


class _PinningContext(ssl.SSLContext):
    """A context that knows the pins; none means that every trusted certificate will do."""

    pins: frozenset[str] = frozenset()


class _PinnedConnection(ssl.SSLObject):
    """One connection whose handshake ends well with a pinned key only."""

    def do_handshake(self) -> None:
        """Finish the handshake and judge the peer's key by the pins."""
        super().do_handshake()
        pins = self.context.pins if isinstance(self.context, _PinningContext) else frozenset()
        if not pins:
            return
        shown = self.getpeercert(binary_form=True)
        if shown is None or CertificateFacts.from_der(shown).pin not in pins:
            raise ssl.SSLCertVerificationError("the peer's public key is none of the pinned ones")


def shown_pin(connection: object) -> str | None:
    """Return the pin of the certificate that a TLS connection was opened with, if any."""
    if not isinstance(connection, ssl.SSLObject):
        return None
    shown = connection.getpeercert(binary_form=True)
    return None if shown is None else CertificateFacts.from_der(shown).pin


def client_context(tls: OutgoingTls, setting: str) -> ssl.SSLContext:
    """Return the TLS context of a connection, TLS 1.2 or newer.

    Args:
        tls: What is set for it.
        setting: The table of settings, for the messages.

    Raises:
        TransportMisconfigured: A file is missing, is not what it should be, or is open to others.
    """
    context = _PinningContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.sslobject_class = _PinnedConnection
    context.pins = tls.pins
    if tls.ca_file is None:
        context.load_default_certs(ssl.Purpose.SERVER_AUTH)
    else:
        _trust(context, tls.ca_file, f"{setting}.ca_file")
    if tls.certificate_file is not None and tls.key_file is not None:
        _show(context, tls.certificate_file, tls.key_file, setting)
    return context


@dataclass(frozen=True, slots=True)
class ServingTls:
    """How we serve TLS; with `client_ca_file`, callers must show a certificate of that CA."""

    certificate_file: Path
    key_file: Path
    client_ca_file: Path | None = None


def server_context(tls: ServingTls, setting: str) -> ssl.SSLContext:
    """Return the TLS context of a listener, TLS 1.2 or newer; raises as `client_context`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    _show(context, tls.certificate_file, tls.key_file, setting)
    if tls.client_ca_file is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        _trust(context, tls.client_ca_file, f"{setting}.client_ca_file")
    return context


def _trust(context: ssl.SSLContext, ca_file: Path, setting: str) -> None:
    """Trust the authorities in `ca_file` and no other."""
    try:
        context.load_verify_locations(cafile=ca_file)
    except OSError as exc:  # an `ssl.SSLError` is one
        reason = (
            TransportReason.CA_NOT_PEM.at(setting, ca_file)
            if isinstance(exc, ssl.SSLError)
            else TransportReason.CA_UNREADABLE.at(setting, ca_file, said=quote_system(exc))
        )
        raise TransportMisconfigured(reason) from exc


def _show(context: ssl.SSLContext, certificate_file: Path, key_file: Path, setting: str) -> None:
    """Show the certificate in `certificate_file` to the other side."""

    def refuse_passphrase() -> str:
        raise TransportMisconfigured(TransportReason.KEY_ENCRYPTED.at(setting, key_file))

    try:
        mode = permissions(key_file.stat().st_mode)
        context.load_cert_chain(certificate_file, key_file, password=refuse_passphrase)
    except OSError as exc:  # an `ssl.SSLError` is one
        pair = {"certificate": certificate_file, "key": key_file}
        reason = (
            TransportReason.NO_PAIR.at(setting, **pair)
            if isinstance(exc, ssl.SSLError)
            else TransportReason.PAIR_UNREADABLE.at(setting, **pair, said=quote_system(exc))
        )
        raise TransportMisconfigured(reason) from exc
    if mode & OTHERS:
        reason = TransportReason.KEY_OPEN_TO_OTHERS.at(setting, key_file, mode=f"{mode:04o}")
        raise TransportMisconfigured(reason)


class TlsInUse:
    """The TLS context of a listener or a link while it is in use, for the handshakes to come.

    It is made anew, not changed, so nothing that was trusted or shown before is in a new handshake.
    """

    def __init__(self, read: Callable[[], ssl.SSLContext]) -> None:
        """Read the files by `read`, which raises what it likes."""
        self.read: Final = read
        self.context = read()

    def for_a_server(self) -> ssl.SSLContext:
        """Return a context that hands each handshake over to the one in use at its moment.

        A TLS 1.2 session from before may still be resumed while OpenSSL keeps it (5 minutes); it
        shows the certificate that it began with.
        """

        def hand_over(connection: ssl.SSLObject, _name: str | None, _: ssl.SSLContext) -> None:
            connection.context = self.context

        server = self.read()
        server.sni_callback = hand_over  # called without a name, too
        server.options |= ssl.OP_NO_TICKET
        server.num_tickets = 0  # a ticket would go on past what is trusted now
        return server


def read_again(in_use: Collection[TlsInUse]) -> None:
    """Let all of them use what their files hold now, or none; raises as their `read`."""
    fresh = [one.read() for one in in_use]
    for one, context in zip(in_use, fresh, strict=True):
        one.context = context
