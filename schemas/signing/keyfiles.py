"""Key files: JSON `{"key_id", "suite", "secret" | "private" | "public"}`, the last in base64.

With suite sm2-sm3 the signer's ID may follow as `signer_id`. PEM files, which other programs
write, are read as well.
"""

import json
from binascii import Error as Base64Error
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

from schemas.signing.keys import Key
from schemas.signing.private_files import (
    KeyFileContent,
    create_private_file,
    read_private_file,
    require_unreadable_to_others,
)
from schemas.signing.signature_errors import KeyRejected, SignatureErrorCode
from schemas.signing.sm2.engine import Sm2Use
from schemas.signing.sm2.port import DEFAULT_SIGNER_ID, Sm2
from schemas.signing.sm2.selection import select_sm2
from schemas.signing.sm2.self_test import EXAMPLE
from schemas.signing.suites import KeyKind, Suite
from schemas.signing.weak_material import require_strong

_MAX_FILE_BYTES: Final = 16_384
# Keys printed in RFC 9421 appendix B.1.3 to B.1.5 and GM/T 0003.5 annex A: SHA-256 of the public
# key, or of the secret.
_EXAMPLES: Final = frozenset(
    {
        "9f4db0c3f5057e21750e7d8f6b00b1701bb7ad4940f72d529f782c8d9fae455c",
        sha256(EXAMPLE.point).hexdigest(),
        "b16c2d1bead1262639764fdb0ee4d3774599336bd493404cda4b1136c59f2062",
        "57ca14d520f889be5bc6d9313b442f62a4a71d63fceac507c914683a8944b4a0",
    }
)


class _Record(NamedTuple):
    key_id: str
    suite: Suite
    kind: KeyKind
    encoded: str
    signer_id: str


def write_key_file(path: Path, key: Key) -> None:
    """Write `key` for the owner only (0600), whole or not at all.

    Raises:
        FileExistsError: There is a file already; a key is never overwritten.
    """
    encoded = b2a_base64(key.material, newline=False).decode("ascii")
    record = {"key_id": key.key_id, "suite": str(key.suite), str(key.kind): encoded}
    if key.signer_id:
        record["signer_id"] = key.signer_id
    create_private_file(path, (json.dumps(record) + "\n").encode())


def read_key_file(path: Path, select: Callable[[], Sm2] = select_sm2) -> Key:
    """Return the key in `path`.

    Args:
        path: A file as `write_key_file` writes it.
        select: Returns what computes SM2; asked for keys of that suite only.

    Raises:
        KeyRejected: Not a key file, a weak or an example key, a private part that others may read,
            or a file or folder that others can write.
        OSError: The file cannot be read.
    """
    read = read_private_file(path, max_bytes=_MAX_FILE_BYTES)
    return _judged(path, _parse(path, read.data, select), read)


def read_pem_file(key_id: str, path: Path, sm2: Sm2Use | None = None) -> Key:
    """Return the key in the PEM file `path` under the name `key_id`, see `Key.from_pem`.

    Args:
        key_id: The name both parties know it by; PEM has no place for one.
        path: A public key, a certificate or an unencrypted private key.
        sm2: The signer's ID and what computes SM2, where not the defaults.

    Raises:
        KeyRejected: Not one such key, a weak or an example key, a private part that others may
            read, or a file or folder that others can write.
        OSError: The file cannot be read.
    """
    read = read_private_file(path, max_bytes=_MAX_FILE_BYTES)
    try:
        key = Key.from_pem(key_id, read.data.decode("ascii", "replace"), sm2 or Sm2Use())
    except KeyRejected as exc:
        raise KeyRejected(exc.code, f"{path}: {exc}") from None
    return _judged(path, key, read)


def _judged(path: Path, key: Key, read: KeyFileContent) -> Key:
    if key.can_sign:
        require_unreadable_to_others(path, read.mode)
        require_strong(key.material, f"{path}: {key.kind}")
    if fingerprint(key) in _EXAMPLES:
        raise KeyRejected(SignatureErrorCode.KEY_EXAMPLE, f"{path}: a key printed in a standard")
    return key


def _parse(path: Path, content: bytes, select: Callable[[], Sm2]) -> Key:
    record = _members(path, content)
    try:
        material = a2b_base64(record.encoded, strict_mode=True)
    except Base64Error:
        raise KeyRejected(
            SignatureErrorCode.KEY_MALFORMED, f"{path}: {record.kind} is not base64"
        ) from None
    try:
        return _made(record, material, Sm2Use(record.signer_id, select))
    except KeyRejected as exc:
        raise KeyRejected(exc.code, f"{path}: {exc}") from None


def _made(record: _Record, material: bytes, sm2: Sm2Use) -> Key:
    if record.kind is KeyKind.SECRET:
        return Key.secret(record.key_id, record.suite, material)
    make = Key.private if record.kind is KeyKind.PRIVATE else Key.public
    if record.suite is not Suite.SM2_SM3:
        return make(record.key_id, record.suite, material)
    return make(record.key_id, record.suite, material, sm2)


def _members(path: Path, content: bytes) -> _Record:
    try:  # the parsers' own errors quote the text, so they are not chained
        record = json.loads(content)
    except ValueError:
        raise KeyRejected(SignatureErrorCode.KEY_MALFORMED, f"{path}: not JSON") from None
    if not isinstance(record, dict) or not all(isinstance(v, str) for v in record.values()):
        raise KeyRejected(SignatureErrorCode.KEY_MALFORMED, f"{path}: not an object of strings")
    kinds = [kind for kind in KeyKind if kind in record]
    may = {"signer_id"} if record.get("suite") == Suite.SM2_SM3 else set()
    if len(kinds) != 1 or set(record) - may != {"key_id", "suite", str(kinds[0])}:
        raise KeyRejected(
            SignatureErrorCode.KEY_MALFORMED,
            f"{path}: wants key_id, suite and one of secret, private, public",
        )
    if record["suite"] not in set(Suite):
        raise KeyRejected(SignatureErrorCode.KEY_MALFORMED, f"{path}: suite unknown")
    kind = kinds[0]
    signer_id = record.get("signer_id", DEFAULT_SIGNER_ID)
    return _Record(record["key_id"], Suite(record["suite"]), kind, record[kind], signer_id)


def fingerprint(key: Key) -> str:
    """Return the SHA-256, in hexadecimal, of the public half or of the shared secret."""
    return sha256(key.engine.public_bytes() or key.material).hexdigest()
