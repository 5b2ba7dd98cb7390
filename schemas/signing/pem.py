"""Keys out of PEM text (RFC 7468): SPKI and certificates, PKCS#8, SEC 1; Ed25519, P-256, SM2.

A reader of our own, because `cryptography` refuses every SM2 key; it reads what these forms need
and refuses the rest.
"""

import re
from binascii import Error as Base64Error
from binascii import a2b_base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from schemas.reasons.reason import Reason
from schemas.signing.key_reasons import KeyReason
from schemas.signing.signature_errors import KeyRejected, SignatureErrorCode

_BLOCK: Final = re.compile(
    r"-----BEGIN ([A-Z0-9 ]{1,40})-----([A-Za-z0-9+/=\s]*)-----END \1-----", re.ASCII
)
_MAX_CHARS: Final = 32_768
_SCALAR_BYTES: Final = 32

_INTEGER, _BITS, _OCTETS, _SEQUENCE = 0x02, 0x03, 0x04, 0x30
_EXPLICIT_0, _EXPLICIT_1, _IMPLICIT_1 = 0xA0, 0xA1, 0x81

_EC_KEY: Final = bytes.fromhex("2a8648ce3d0201")  # 1.2.840.10045.2.1 id-ecPublicKey
_ED25519: Final = bytes.fromhex("2b6570")  # 1.3.101.112
_CURVES: Final[Mapping[bytes, str]] = MappingProxyType(
    {
        bytes.fromhex("2a8648ce3d030107"): "ecdsa-p256-sha256",  # 1.2.840.10045.3.1.7
        bytes.fromhex("2a811ccf5501822d"): "sm2-sm3",  # 1.2.156.10197.1.301
    }
)

Node = tuple[int, bytes]  # tag, content


@dataclass(frozen=True, slots=True)
class PemKey:
    """A key as found: the suite's name, and the raw halves that were there."""

    suite: str
    private: bytes | None = field(repr=False)
    public: bytes | None


def read_pem(text: str) -> PemKey:
    """Return the one key or certificate in `text`; blocks of curve parameters are passed over.

    Raises:
        KeyRejected: `key.malformed`, without quoting the text.
    """
    found = _BLOCK.findall(text) if len(text) <= _MAX_CHARS else []
    blocks = [(label, body) for label, body in found if not label.endswith(" PARAMETERS")]
    if len(blocks) != 1 or text.count("-----BEGIN ") != len(found):
        raise _malformed(KeyReason.PEM_COUNT.at())
    label, body = blocks[0]
    read = _READERS.get(label)
    if read is None:
        raise _malformed(KeyReason.PEM_KIND.at(label=label))
    try:
        der = a2b_base64("".join(body.split()), strict_mode=True)
    except Base64Error:
        raise _malformed(KeyReason.PEM_NOT_BASE64.at()) from None
    return read(_inside(_whole(der), _SEQUENCE))


def _malformed(reason: Reason) -> KeyRejected:
    return KeyRejected(SignatureErrorCode.KEY_MALFORMED, reason)


def _nodes(content: bytes) -> list[Node]:
    """Return the elements of a DER content, one after the other."""
    nodes, at = [], 0
    while at < len(content):
        tag, size, start = content[at], *_size(content, at + 1)
        if tag & 0x1F == 0x1F or start + size > len(content):
            raise _malformed(KeyReason.DER_CUT_OFF.at())
        nodes.append((tag, content[start : start + size]))
        at = start + size
    return nodes


def _size(content: bytes, at: int) -> tuple[int, int]:
    """Return the length written at `at`, in its shortest form only, and where it ends."""
    first = content[at] if at < len(content) else 0xFF
    if first < 0x80:
        return first, at + 1
    count = first & 0x7F
    size = int.from_bytes(content[at + 1 : at + 1 + count], "big")
    if not 1 <= count <= 3 or size < 0x80 or size >> 8 * (count - 1) == 0:
        raise _malformed(KeyReason.DER_LENGTH.at())
    return size, at + 1 + count


def _whole(der: bytes) -> Node:
    nodes = _nodes(der)
    if len(nodes) != 1:
        raise _malformed(KeyReason.DER_REST.at())
    return nodes[0]


def _inside(node: Node, tag: int) -> list[Node]:
    return _nodes(_content(node, tag))


def _content(node: Node, tag: int) -> bytes:
    if node[0] != tag:
        raise _malformed(KeyReason.DER_FORM.at())
    return node[1]


def _at_least(nodes: list[Node], count: int) -> list[Node]:
    if len(nodes) < count:
        raise _malformed(KeyReason.DER_PART.at())
    return nodes


def _suite_of(algorithm: Node) -> str:
    parts = [content for _, content in _inside(algorithm, _SEQUENCE)]
    if parts == [_ED25519]:
        return "ed25519"
    if len(parts) == 2 and parts[0] == _EC_KEY and parts[1] in _CURVES:
        return _CURVES[parts[1]]
    raise _malformed(KeyReason.DER_ALGORITHM.at())


def _bits(content: bytes) -> bytes:
    if content[:1] != b"\0":
        raise _malformed(KeyReason.DER_BITS.at())
    return content[1:]


def _spki(nodes: list[Node]) -> PemKey:
    """SubjectPublicKeyInfo (RFC 5280 4.1)."""
    algorithm, key = _at_least(nodes, 2)[:2]
    return PemKey(_suite_of(algorithm), None, _bits(_content(key, _BITS)))


def _certificate(nodes: list[Node]) -> PemKey:
    """Certificate (RFC 5280 4.1): the seventh part of a version 3 certificate is the key."""
    parts = _inside(_at_least(nodes, 3)[0], _SEQUENCE)
    parts = parts[1:] if parts and parts[0][0] == _EXPLICIT_0 else parts  # version 1 has no version
    return _spki(_inside(_at_least(parts, 6)[5], _SEQUENCE))


def _pkcs8(nodes: list[Node]) -> PemKey:
    """PrivateKeyInfo (RFC 5958)."""
    version, algorithm, key = _at_least(nodes, 3)[:3]
    if _content(version, _INTEGER) not in {b"\0", b"\1"}:
        raise _malformed(KeyReason.DER_VERSION.at())
    suite, inner = _suite_of(algorithm), _whole(_content(key, _OCTETS))
    if suite == "ed25519":
        public = [_bits(content) for tag, content in nodes[3:] if tag == _IMPLICIT_1]
        return PemKey(suite, _content(inner, _OCTETS), public[0] if public else None)
    private, public_half, curve = _ec_parts(_inside(inner, _SEQUENCE))
    if curve not in {None, suite}:
        raise _malformed(KeyReason.DER_TWO_CURVES.at())
    return PemKey(suite, private, public_half)


def _sec1(nodes: list[Node]) -> PemKey:
    """ECPrivateKey (RFC 5915), which here has to name its curve."""
    private, public, suite = _ec_parts(nodes)
    if suite is None:
        raise _malformed(KeyReason.DER_NO_CURVE.at())
    return PemKey(suite, private, public)


def _ec_parts(nodes: list[Node]) -> tuple[bytes, bytes | None, str | None]:
    version, number = _at_least(nodes, 2)[:2]
    scalar = _content(number, _OCTETS).lstrip(b"\0")
    if _content(version, _INTEGER) != b"\1" or len(scalar) > _SCALAR_BYTES:
        raise _malformed(KeyReason.DER_NUMBER.at())
    public = suite = None
    for tag, content in nodes[2:]:
        if tag == _EXPLICIT_0:
            suite = _CURVES.get(_whole(content)[1])
            if suite is None:
                raise _malformed(KeyReason.DER_CURVE.at())
        elif tag == _EXPLICIT_1:
            public = _bits(_content(_whole(content), _BITS))
    return scalar.rjust(_SCALAR_BYTES, b"\0"), public, suite


_READERS: Final[Mapping[str, Callable[[list[Node]], PemKey]]] = MappingProxyType(
    {
        "PUBLIC KEY": _spki,
        "CERTIFICATE": _certificate,
        "PRIVATE KEY": _pkcs8,
        "EC PRIVATE KEY": _sec1,
        "SM2 PRIVATE KEY": _sec1,  # so spelled by OpenSSL 3
    }
)
