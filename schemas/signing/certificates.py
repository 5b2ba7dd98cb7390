"""X.509 certificates (证书), as far as they tell who is at the other end of a TLS connection.

A pin (证书公钥固定) names a public key: it outlives a certificate that is renewed over the same
key, and no certification authority can speak for another one.
"""

import re
from binascii import b2a_base64
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final, Self

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from schemas.reasons.reason import Unfit
from schemas.signing.peer_reasons import PeerReason

_PIN: Final = re.compile(r"sha256/[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=", re.ASCII)


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """What is read of one certificate; both instants are in UTC."""

    pin: str
    valid_from: datetime
    valid_until: datetime

    @classmethod
    def from_der(cls, content: bytes) -> Self:
        """Return the facts of a certificate as TLS carries it.

        Raises:
            ValueError: It is no certificate.
        """
        return cls._of(x509.load_der_x509_certificate(content))

    @classmethod
    def all_from_pem(cls, content: bytes) -> tuple[Self, ...]:
        """Return the facts of every certificate in a PEM file, at least one.

        Raises:
            ValueError: There is none, or one that cannot be read.
        """
        return tuple(map(cls._of, x509.load_pem_x509_certificates(content)))

    @classmethod
    def _of(cls, certificate: x509.Certificate) -> Self:
        return cls(
            spki_pin(certificate),
            certificate.not_valid_before_utc,
            certificate.not_valid_after_utc,
        )


def spki_pin(certificate: x509.Certificate) -> str:
    """Return the pin of a certificate: the SHA-256 of its SubjectPublicKeyInfo in base64.

    Source: RFC 7469 section 2.4; the form `sha256/…` is that of common HTTP clients.
    """
    key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return f"sha256/{b2a_base64(sha256(key).digest(), newline=False).decode('ascii')}"


def check_pin(pin: str) -> str:
    """Return `pin` if it can be one.

    Raises:
        Unfit: It is no SHA-256 in base64 after `sha256/`.
    """
    if _PIN.fullmatch(pin) is None:
        raise Unfit(PeerReason.PIN.at())
    return pin
