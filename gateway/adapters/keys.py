"""Keys of the ledger (台账密钥): what is personal is sealed before it reaches the database.

A key file holds data keys by epoch and one index key. Data are sealed under the newest epoch and
opened under the one they name, so that keys can change while old rows stay readable.
"""

import hashlib
import hmac
import json
import os
import secrets
import stat
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.errors import GatewayError, Misconfigured

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
INDEX_BYTES: Final = 16
_EPOCH_BYTES: Final = 2
_AES_256_GCM: Final = "aes-256-gcm"
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class Cipher(Protocol):
    """An authenticated cipher with one key: AES-256-GCM today, SM4-GCM where a province must."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
        """Return ciphertext and tag."""
        ...

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
        """Return the plain bytes; raise `cryptography.exceptions.InvalidTag` when altered."""
        ...


CIPHERS: Final[Mapping[str, Callable[[bytes], Cipher]]] = {_AES_256_GCM: AESGCM}


class SealBroken(GatewayError):
    """Sealed data cannot be opened: altered, moved to another row, or its key is not loaded."""

    code = "store.seal-broken"


@dataclass(frozen=True, slots=True)
class LedgerKeys:
    """Data keys by epoch (1 to 65535), the key of the blind index, and the cipher they are for."""

    data: Mapping[int, bytes] = field(repr=False)
    index: bytes = field(repr=False)
    cipher: str = _AES_256_GCM

    @property
    def epoch(self) -> int:
        """The newest epoch: what new data are sealed under."""
        return max(self.data)


def create(path: Path) -> LedgerKeys:
    """Write a key file with fresh random keys, readable by its owner only (0600).

    Raises:
        FileExistsError: There is a file already; keys are never overwritten.
    """
    keys = LedgerKeys({1: secrets.token_bytes(KEY_BYTES)}, secrets.token_bytes(KEY_BYTES))
    record = {
        "cipher": keys.cipher,
        "data_keys": {str(epoch): _written(key) for epoch, key in keys.data.items()},
        "index_key": _written(keys.index),
    }
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(json.dumps(record, indent=1) + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)  # unlike a rename, refuses to replace
    finally:
        draft.unlink()
    _flush_folder(path.parent)  # a key lost to a power cut would take the ledger with it
    return keys


def load(path: Path) -> LedgerKeys:
    """Return the keys in `path`.

    Raises:
        Misconfigured: There is no such file, others may read it, or it is not a key file.
    """
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            content = file.read()
    except OSError as exc:
        raise Misconfigured(f"ledger keys {path}: {exc.strerror}") from exc
    if mode & _OTHERS:
        raise Misconfigured(f"ledger keys {path}: mode {mode:04o} lets others in; chmod 600 {path}")
    try:
        return _parse(content)
    except (ValueError, KeyError, TypeError, AttributeError, Base64Error):
        cure = "restore it from the backup of the keys; without it the ledger cannot be read"
        raise Misconfigured(f"ledger keys {path}: not a key file; {cure}") from None


class Sealer:
    """Seals and opens personal data, and makes the blind index that finds a certificate number.

    Sealed: epoch (2 bytes), nonce (12), ciphertext and tag. Bound to the place it stands in: table,
    column and the key of its record, so a row's ciphertext does not open in another row.
    """

    def __init__(self, keys: LedgerKeys) -> None:
        make = CIPHERS[keys.cipher]
        self._ciphers = {epoch: make(key) for epoch, key in keys.data.items()}
        self._index = keys.index
        self.epoch = keys.epoch
        self._newest = self._ciphers[keys.epoch]
        self._prefix = keys.epoch.to_bytes(_EPOCH_BYTES, "big")

    def seal(self, table: str, column: str, record: str, plain: bytes) -> bytes:
        """Return `plain` sealed for its place."""
        nonce = os.urandom(NONCE_BYTES)
        place = f"{self.epoch}\x1f{table}\x1f{column}\x1f{record}".encode()
        return self._prefix + nonce + self._newest.encrypt(nonce, plain, place)

    def open(self, table: str, column: str, record: str, sealed: bytes) -> bytes:
        """Return what was sealed.

        Raises:
            SealBroken: It was altered, stood elsewhere, or its key is not loaded.
        """
        epoch = int.from_bytes(sealed[:_EPOCH_BYTES], "big")
        cipher = self._ciphers.get(epoch)
        if cipher is None:
            raise SealBroken(f"{table}.{column} of {record}: no key of epoch {epoch}")
        start = _EPOCH_BYTES + NONCE_BYTES
        place = f"{epoch}\x1f{table}\x1f{column}\x1f{record}".encode()
        try:
            return cipher.decrypt(sealed[_EPOCH_BYTES:start], sealed[start:], place)
        except (InvalidTag, ValueError):
            raise SealBroken(f"{table}.{column} of {record}: altered or moved") from None

    def index(self, certificate: str) -> bytes:
        """Return the blind index of a certificate number: HMAC-SHA256, its first 128 bits."""
        canonical = certificate.strip().upper().encode()
        return hmac.digest(self._index, canonical, hashlib.sha256)[:INDEX_BYTES]


def _parse(content: bytes) -> LedgerKeys:
    record = json.loads(content)
    data = {int(epoch): b64decode(key, validate=True) for epoch, key in record["data_keys"].items()}
    index, cipher = b64decode(record["index_key"], validate=True), record["cipher"]
    lengths = {len(key) for key in (*data.values(), index)}
    if not data or lengths != {KEY_BYTES} or cipher not in CIPHERS:
        raise ValueError("a key is missing, has the wrong length, or its cipher is not known")
    if min(data) < 1 or max(data) >= 1 << (8 * _EPOCH_BYTES):
        raise ValueError("an epoch does not fit its two bytes")
    return LedgerKeys(data, index, cipher)


def _written(key: bytes) -> str:
    return b64encode(key).decode("ascii")


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
