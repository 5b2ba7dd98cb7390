"""Keys of the ledger (台账密钥): what is personal is sealed before it reaches the database.

A key file holds data keys by epoch and one index key. Data are sealed under the newest epoch and
opened under the one they name, so that keys can change while old rows stay readable. Cipher and
hash are those of the profile (密码体系) the file was made for, and stay so.
"""

import json
import os
import secrets
import stat
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Final, Protocol

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.ciphers import Cipher as BlockCipher
from cryptography.hazmat.primitives.ciphers import algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.errors import GatewayError, Misconfigured
from schemas.signing.digests import Mac, hmac_sha256, hmac_sm3

NONCE_BYTES: Final = 12
INDEX_BYTES: Final = 16
INDEX_KEY_BYTES: Final = 32
_TAG_BYTES: Final = 16
_EPOCH_BYTES: Final = 2
_AES_256_GCM: Final = "aes-256-gcm"
_SM4_GCM: Final = "sm4-gcm"
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class CryptoProfile(StrEnum):
    """密码体系: whose algorithms are used throughout; the values of the setting `crypto_profile`.

    Source of the second: 商用密码管理条例 art. 41, GB/T 39786-2021.
    """

    INTERNATIONAL = "international"
    NATIONAL = "national"  # 国密: SM2, SM3, SM4


class Cipher(Protocol):
    """An authenticated cipher with one key: AES-256-GCM, or SM4-GCM in the national profile."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
        """Return ciphertext and tag."""
        ...

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
        """Return the plain bytes; raise `cryptography.exceptions.InvalidTag` when altered."""
        ...


class Sm4Gcm:
    """SM4-GCM (GB/T 32907, RFC 8998) with one key of 16 bytes, tag of 16 bytes at the end."""

    def __init__(self, key: bytes) -> None:
        self._algorithm = algorithms.SM4(key)
        try:
            BlockCipher(self._algorithm, modes.GCM(bytes(NONCE_BYTES))).encryptor()
        except UnsupportedAlgorithm:  # built on an OpenSSL without SM4, as some distributions do
            raise Misconfigured(
                "this build of the package cryptography has no SM4-GCM; install its published wheel"
            ) from None

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
        """Return ciphertext and tag."""
        state = BlockCipher(self._algorithm, modes.GCM(nonce)).encryptor()
        state.authenticate_additional_data(associated_data)
        return state.update(data) + state.finalize() + state.tag

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
        """Return the plain bytes; raise `InvalidTag` when altered, `ValueError` when cut."""
        text, tag = data[:-_TAG_BYTES], data[-_TAG_BYTES:]
        state = BlockCipher(self._algorithm, modes.GCM(nonce, tag)).decryptor()
        state.authenticate_additional_data(associated_data)
        return state.update(text) + state.finalize()


@dataclass(frozen=True, slots=True)
class Kit:
    """What a ledger is sealed with: a cipher, the length of its keys, the hash of the index."""

    key_bytes: int
    ready: Callable[[bytes], Cipher]
    mac: Mac


CIPHERS: Final[Mapping[str, Kit]] = MappingProxyType(
    {
        _AES_256_GCM: Kit(32, AESGCM, hmac_sha256),
        _SM4_GCM: Kit(16, Sm4Gcm, hmac_sm3),
    }
)
CIPHER_OF: Final[Mapping[CryptoProfile, str]] = MappingProxyType(
    {CryptoProfile.INTERNATIONAL: _AES_256_GCM, CryptoProfile.NATIONAL: _SM4_GCM}
)


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


def create(path: Path, profile: CryptoProfile = CryptoProfile.INTERNATIONAL) -> LedgerKeys:
    """Write a key file with fresh random keys, readable by its owner only (0600).

    Raises:
        FileExistsError: There is a file already; keys are never overwritten.
    """
    cipher = CIPHER_OF[profile]
    first = secrets.token_bytes(CIPHERS[cipher].key_bytes)
    keys = LedgerKeys({1: first}, secrets.token_bytes(INDEX_KEY_BYTES), cipher)
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


def load(path: Path, profile: CryptoProfile | None = None) -> LedgerKeys:
    """Return the keys in `path`.

    Args:
        path: A file as `create` writes it.
        profile: What the settings say the keys are for; None where any will do.

    Raises:
        Misconfigured: There is no such file, others may read it, it is not a key file, or its
            cipher is not the profile's.
    """
    keys = _read(path)
    if profile is not None and keys.cipher != CIPHER_OF[profile]:
        raise Misconfigured(_of_another_profile(path, keys.cipher, profile))
    return keys


def _read(path: Path) -> LedgerKeys:
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
        kit = CIPHERS[keys.cipher]
        self._ciphers = {epoch: kit.ready(key) for epoch, key in keys.data.items()}
        self._index, self._mac = keys.index, kit.mac
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
        """Return the blind index of a certificate number: the first 128 bits of a keyed hash.

        It is HMAC-SHA256 beside AES-256-GCM, HMAC-SM3 beside SM4-GCM.
        """
        return self._mac(self._index, certificate.strip().upper().encode())[:INDEX_BYTES]


def _parse(content: bytes) -> LedgerKeys:
    record = json.loads(content)
    data = {int(epoch): b64decode(key, validate=True) for epoch, key in record["data_keys"].items()}
    index, cipher = b64decode(record["index_key"], validate=True), record["cipher"]
    lengths = {len(key) for key in data.values()}
    if lengths != {CIPHERS[cipher].key_bytes} or len(index) != INDEX_KEY_BYTES:
        raise ValueError("a key is missing or has the wrong length")
    if min(data) < 1 or max(data) >= 1 << (8 * _EPOCH_BYTES):
        raise ValueError("an epoch does not fit its two bytes")
    return LedgerKeys(data, index, cipher)


def _of_another_profile(path: Path, cipher: str, profile: CryptoProfile) -> str:
    others = [one for one, name in CIPHER_OF.items() if name == cipher]
    return (
        f'ledger keys {path}: cipher {cipher}, and crypto_profile = "{profile}" wants '
        f"{CIPHER_OF[profile]}; a ledger keeps the cipher it was made with: set "
        f'crypto_profile = "{others[0]}", or begin a new ledger with new keys in an empty folder '
        f"(duijie up --only-keys --crypto {profile} --folder NEW)"
    )


def _written(key: bytes) -> str:
    return b64encode(key).decode("ascii")


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
