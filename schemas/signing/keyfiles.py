"""Key files: JSON `{"key_id", "suite", "secret" | "private" | "public"}`, the last in base64."""

import json
import os
import secrets
import stat
from binascii import Error as Base64Error
from binascii import a2b_base64, b2a_base64
from hashlib import sha256
from pathlib import Path
from typing import Final

from schemas.signing.keys import Key
from schemas.signing.refusals import KeyRefused, Refusal
from schemas.signing.suites import Role, Suite

_MAX_FILE_BYTES: Final = 16_384
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
# Keys printed in RFC 9421 appendix B.1.4 and B.1.5: SHA-256 of the public key, of the secret.
_EXAMPLES: Final = frozenset(
    {
        "b16c2d1bead1262639764fdb0ee4d3774599336bd493404cda4b1136c59f2062",
        "57ca14d520f889be5bc6d9313b442f62a4a71d63fceac507c914683a8944b4a0",
    }
)


def write_key_file(path: Path, key: Key) -> None:
    """Write `key` for the owner only (0600), whole or not at all.

    Raises:
        FileExistsError: There is a file already; a key is never overwritten.
    """
    encoded = b2a_base64(key.material, newline=False).decode("ascii")
    record = {"key_id": key.key_id, "suite": str(key.suite), str(key.role): encoded}
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)  # unlike a rename, refuses to replace
    finally:
        draft.unlink()


def read_key_file(path: Path) -> Key:
    """Return the key in `path`.

    Raises:
        KeyRefused: Not a key file, an example key, or a private part that others may read.
        OSError: The file cannot be read.
    """
    with path.open("rb") as file:
        mode = os.fstat(file.fileno()).st_mode
        content = file.read(_MAX_FILE_BYTES + 1)
    key = _parse(path, content)
    if key.can_sign and mode & _OTHERS:
        raise KeyRefused(
            Refusal.KEY_FILE_OPEN_TO_OTHERS,
            f"{path}: mode {stat.S_IMODE(mode):04o} opens a private key to others; chmod 600",
        )
    if _fingerprint(key) in _EXAMPLES:
        raise KeyRefused(Refusal.KEY_EXAMPLE, f"{path}: a key printed in RFC 9421")
    return key


def _parse(path: Path, content: bytes) -> Key:
    if len(content) > _MAX_FILE_BYTES:
        raise KeyRefused(Refusal.KEY_MALFORMED, f"{path}: larger than {_MAX_FILE_BYTES} bytes")
    key_id, suite, role, encoded = _members(path, content)
    try:
        material = a2b_base64(encoded, strict_mode=True)
    except Base64Error:
        raise KeyRefused(Refusal.KEY_MALFORMED, f"{path}: {role} is not base64") from None
    try:
        return _MAKERS[role](key_id, suite, material)
    except KeyRefused as exc:
        raise KeyRefused(exc.code, f"{path}: {exc}") from None


def _members(path: Path, content: bytes) -> tuple[str, Suite, Role, str]:
    try:  # the parsers' own errors quote the text, so they are not chained
        record = json.loads(content)
    except ValueError:
        raise KeyRefused(Refusal.KEY_MALFORMED, f"{path}: not JSON") from None
    if not isinstance(record, dict) or not all(isinstance(v, str) for v in record.values()):
        raise KeyRefused(Refusal.KEY_MALFORMED, f"{path}: not an object of strings")
    roles = [role for role in Role if role in record]
    if len(roles) != 1 or set(record) != {"key_id", "suite", str(roles[0])}:
        raise KeyRefused(
            Refusal.KEY_MALFORMED, f"{path}: wants key_id, suite and one of secret, private, public"
        )
    if record["suite"] not in set(Suite):
        raise KeyRefused(Refusal.KEY_MALFORMED, f"{path}: suite unknown")
    return record["key_id"], Suite(record["suite"]), roles[0], record[roles[0]]


def _fingerprint(key: Key) -> str:
    return sha256(key.engine.public_bytes() or key.material).hexdigest()


_MAKERS: Final = {Role.SECRET: Key.secret, Role.PRIVATE: Key.private, Role.PUBLIC: Key.public}
