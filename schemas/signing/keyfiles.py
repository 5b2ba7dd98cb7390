"""Key files: JSON `{"key_id", "suite", "secret" | "private" | "public"}`, the last in base64.

With suite sm2-sm3 the signer's ID may follow as `signer_id`; `not_before`, `not_after` and
`revoked` say when the key counts. A file may hold several keys of one party, `{"keys": [...]}`, so
that one follows another without a gap. PEM files, which other programs write, are read as well.
"""

import json
from binascii import Error as Base64Error
from binascii import a2b_base64
from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

from schemas.signing.key_reasons import KeyReason
from schemas.signing.key_sets import KeySet
from schemas.signing.keys import Key, Validity
from schemas.signing.private_files import (
    KeyFileContent,
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


_VALIDITY: Final = frozenset({"not_before", "not_after", "revoked"})


class _Record(NamedTuple):
    key_id: str
    suite: Suite
    kind: KeyKind
    encoded: str
    signer_id: str
    validity: Validity


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
    keys = read_key_set(path, select).keys
    if len(keys) != 1:
        raise KeyRejected(SignatureErrorCode.KEY_MALFORMED, KeyReason.SEVERAL_KEYS.at(path))
    return keys[0]


def read_key_set(path: Path, select: Callable[[], Sm2] = select_sm2) -> KeySet:
    """Return the keys in `path`, one or several of one party; see `read_key_file`."""
    try:
        read = read_private_file(path, max_bytes=_MAX_FILE_BYTES)
        parsed = (_parse(record, select) for record in _records(read.data))
        return KeySet(tuple(_judged(path, key, read) for key in parsed))
    except KeyRejected as exc:
        raise exc.within(path) from None


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
    try:
        read = read_private_file(path, max_bytes=_MAX_FILE_BYTES)
        key = Key.from_pem(key_id, read.data.decode("ascii", "replace"), sm2 or Sm2Use())
        return _judged(path, key, read)
    except KeyRejected as exc:
        raise exc.within(path) from None


def _judged(path: Path, key: Key, read: KeyFileContent) -> Key:
    if key.can_sign:
        require_unreadable_to_others(path, read.mode)
        require_strong(key.material, key.kind)
    if fingerprint(key) in _EXAMPLES:
        raise KeyRejected(SignatureErrorCode.KEY_EXAMPLE, KeyReason.EXAMPLE.at())
    return key


def _records(content: bytes) -> list[object]:
    """Return the records of the keys: the whole file, or what stands under `keys`."""
    try:  # the parsers' own errors quote the text, so they are not chained
        record = json.loads(content)
    except ValueError:
        raise KeyRejected(SignatureErrorCode.KEY_MALFORMED, KeyReason.NOT_JSON.at()) from None
    if not isinstance(record, dict) or "keys" not in record:
        return [record]
    keys = record["keys"]
    if set(record) != {"keys"} or not isinstance(keys, list):
        raise KeyRejected(SignatureErrorCode.KEY_MALFORMED, KeyReason.NO_LIST.at())
    return keys


def _parse(found: object, select: Callable[[], Sm2]) -> Key:
    record = _members(found)
    try:
        material = a2b_base64(record.encoded, strict_mode=True)
    except Base64Error:
        raise KeyRejected(
            SignatureErrorCode.KEY_MALFORMED, KeyReason.NOT_BASE64.at(member=record.kind)
        ) from None
    return _made(record, material, Sm2Use(record.signer_id, select)).valid(record.validity)


def _made(record: _Record, material: bytes, sm2: Sm2Use) -> Key:
    if record.kind is KeyKind.SECRET:
        return Key.secret(record.key_id, record.suite, material)
    make = Key.private if record.kind is KeyKind.PRIVATE else Key.public
    if record.suite is not Suite.SM2_SM3:
        return make(record.key_id, record.suite, material)
    return make(record.key_id, record.suite, material, sm2)


def _members(found: object) -> _Record:
    if not isinstance(found, dict):
        raise KeyRejected(SignatureErrorCode.KEY_MALFORMED, KeyReason.NO_TEXTS.at())
    validity = _validity({name: found[name] for name in _VALIDITY & set(found)})
    record = {name: value for name, value in found.items() if name not in _VALIDITY}
    if not all(isinstance(value, str) for value in record.values()):
        raise KeyRejected(SignatureErrorCode.KEY_MALFORMED, KeyReason.NO_TEXTS.at())
    kinds = [kind for kind in KeyKind if kind in record]
    may = {"signer_id"} if record.get("suite") == Suite.SM2_SM3 else set()
    if len(kinds) != 1 or set(record) - may != {"key_id", "suite", str(kinds[0])}:
        raise KeyRejected(SignatureErrorCode.KEY_MALFORMED, KeyReason.MEMBERS.at())
    if record["suite"] not in set(Suite):
        raise KeyRejected(SignatureErrorCode.KEY_MALFORMED, KeyReason.SUITE_UNKNOWN.at())
    kind = kinds[0]
    signer_id = record.get("signer_id", DEFAULT_SIGNER_ID)
    suite = Suite(record["suite"])
    return _Record(record["key_id"], suite, kind, record[kind], signer_id, validity)


def _validity(members: Mapping[str, object]) -> Validity:
    """Return when a key counts: instants with their zone, and whether it was revoked."""
    try:
        return Validity(
            _instant(members.get("not_before")),
            _instant(members.get("not_after")),
            _flag(members.get("revoked", False)),
        )
    except (TypeError, ValueError):
        raise KeyRejected(SignatureErrorCode.KEY_MALFORMED, KeyReason.VALIDITY.at()) from None


def _instant(value: object) -> datetime | None:
    if value is not None and not isinstance(value, str):
        raise TypeError("an instant is a text")
    return None if value is None else datetime.fromisoformat(value)


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError("revoked is true or false")
    return value


def fingerprint(key: Key) -> str:
    """Return the SHA-256, in hexadecimal, of the public half or of the shared secret."""
    return sha256(key.engine.public_bytes() or key.material).hexdigest()
