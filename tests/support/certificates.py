"""Real certificates for tests of TLS, made as they are needed; good for today and for loopback."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from schemas.signing.certificates import spki_pin

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Credential:
    """A certificate and its key, in PEM files of their own."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    certificate_file: Path
    key_file: Path

    @property
    def pin(self) -> str:
        """The pin of its public key."""
        return spki_pin(self.certificate)

    @classmethod
    def write(
        cls, folder: Path, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey
    ) -> Self:
        """Store both; only the owner may read the key."""
        name = secrets.token_hex(4)
        certificate_file, key_file = folder / f"{name}.pem", folder / f"{name}.key.pem"
        certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        key_file.touch(0o600)
        key_file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return cls(certificate, key, certificate_file, key_file)


@dataclass(frozen=True, slots=True)
class Authority:
    """A certification authority (CA) of a test."""

    folder: Path
    own: Credential

    @classmethod
    def make(cls, folder: Path) -> Self:
        """Return a new authority that knows no other."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = _name(f"ca-{secrets.token_hex(4)}")
        builder = (
            _builder(name, name, key, timedelta(days=365))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_key_usage(signs_certificates=True), critical=True)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
            )
        )
        certificate = builder.sign(key, hashes.SHA256())
        return cls(folder, Credential.write(folder, certificate, key))

    @property
    def file(self) -> Path:
        """The file that whoever trusts this authority names."""
        return self.own.certificate_file

    def issue(
        self,
        *names: str,
        valid_for: timedelta = timedelta(days=90),
        key: ec.EllipticCurvePrivateKey | None = None,
    ) -> Credential:
        """Return a certificate for `names`; with a negative `valid_for` it has expired."""
        key = key or ec.generate_private_key(ec.SECP256R1())
        issuer = self.own.certificate
        builder = (
            _builder(_name(names[0]), issuer.subject, key, valid_for)
            .add_extension(x509.SubjectAlternativeName(_alternatives(names)), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(signs_certificates=False), critical=True)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.own.key.public_key()),
                critical=False,
            )
        )
        return Credential.write(self.folder, builder.sign(self.own.key, hashes.SHA256()), key)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, valid_for: timedelta
) -> x509.CertificateBuilder:
    until = datetime.now(UTC) + valid_for
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(min(until, datetime.now(UTC)) - DAY)
        .not_valid_after(until)
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _alternatives(names: Sequence[str]) -> list[x509.GeneralName]:
    found: list[x509.GeneralName] = []
    for name in names:
        try:
            found.append(x509.IPAddress(ip_address(name)))
        except ValueError:
            found.append(x509.DNSName(name))
    return found


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
