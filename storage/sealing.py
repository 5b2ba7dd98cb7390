"""Sealing (加密): personal data are encrypted before they reach the database.

Data are sealed under the newest key and opened under the one they name, so that keys can change
while old rows stay readable. What is searched for or compared is a keyed hash (`keyed_hashes`),
under the index key of the same epoch. Cipher and hash are those of the profile (密码体系) that the
keys were made for, and stay so. `sealing_keys` reads and writes the file of the keys.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Protocol, Self

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.ciphers import Cipher as BlockCipher
from cryptography.hazmat.primitives.ciphers import algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from schemas.signing.digests import Mac, hmac_sha256, hmac_sm3
from storage.errors import SealBroken, StoreMisconfigured
from storage.key_uses import KeyUses
from storage.keyed_hashes import KeyedHashes
from storage.reasons import StoreReason

NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16
EPOCH_BYTES: Final = 2
_AES_256_GCM: Final = "aes-256-gcm"
_SM4_GCM: Final = "sm4-gcm"


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
            raise StoreMisconfigured(StoreReason.NO_SM4.at("crypto_profile")) from None

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
    """What a ledger is sealed with: a cipher, the length of its keys, the keyed hash."""

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


@dataclass(frozen=True, slots=True)
class LedgerKeys:
    """A data key and an index key for each epoch (1 to 65535), and the cipher they are for.

    The index key of an epoch makes the keyed hashes in the rows that its data key seals. Epochs of
    a file from before each had an index key of its own have the same one.
    """

    data: Mapping[int, bytes] = field(repr=False)
    index: Mapping[int, bytes] = field(repr=False)
    cipher: str = _AES_256_GCM
    active: int | None = None
    """Under which epoch new data are sealed; the newest one where it does not say."""

    @property
    def epoch(self) -> int:
        """What new data are sealed under."""
        return max(self.data) if self.active is None else self.active


@dataclass(frozen=True, slots=True)
class _Held:
    """Ledger keys made ready, exchanged as a whole."""

    keys: LedgerKeys
    ciphers: Mapping[int, Cipher]
    newest: Cipher
    hashes: KeyedHashes
    epoch: int
    prefix: bytes

    @classmethod
    def of(cls, keys: LedgerKeys) -> Self:
        """Return `keys` made ready."""
        kit = CIPHERS[keys.cipher]
        ciphers = {epoch: kit.ready(key) for epoch, key in keys.data.items()}
        prefix = keys.epoch.to_bytes(EPOCH_BYTES, "big")
        hashes = KeyedHashes(keys.index, keys.epoch, kit.mac)
        return cls(keys, ciphers, ciphers[keys.epoch], hashes, keys.epoch, prefix)


class Sealer:
    """Seals and opens personal data, and makes the keyed hashes that they are found by.

    Sealed: epoch (2 bytes), nonce (12), ciphertext and tag. Bound to the place it stands in: table,
    column and the key of its record, so a row's ciphertext does not open in another row.
    """

    def __init__(self, keys: LedgerKeys, uses: KeyUses | None = None) -> None:
        """Seal and open with `keys`, counting by `uses`; without it nothing is counted."""
        self.uses = KeyUses() if uses is None else uses
        self._held = _Held.of(keys)

    @property
    def epoch(self) -> int:
        """The epoch of the key that seals."""
        return self._held.epoch

    @property
    def epochs(self) -> frozenset[int]:
        """The epochs whose keys are loaded."""
        return frozenset(self._held.keys.data)

    @property
    def hashes(self) -> KeyedHashes:
        """The keyed hashes under the keys of now; ask again after an exchange."""
        return self._held.hashes

    def exchange(self, keys: LedgerKeys) -> None:
        """Seal and open with `keys` from now on, in every thread; see `LedgerKeys`.

        Raises:
            StoreMisconfigured: They are those of another ledger: another cipher, other keys under
                an epoch, or none under the one that seals now.
        """
        held = self._held.keys
        known = keys.data.keys() & held.data.keys()
        if (
            keys.cipher != held.cipher
            or held.epoch not in known
            or any(keys.data[epoch] != held.data[epoch] for epoch in known)
            or any(keys.index[epoch] != held.index[epoch] for epoch in known)
        ):
            raise StoreMisconfigured(StoreReason.KEYS_OF_ANOTHER.at("ledger_keys"))
        self._held = _Held.of(keys)

    def seal(self, table: str, column: str, record: str, plain: bytes) -> bytes:
        """Return `plain` sealed for its place.

        Raises:
            SealKeyExhausted: The key has no more uses.
        """
        held = self._held  # once: another thread may exchange the keys
        self.uses.take(held.epoch)
        nonce = os.urandom(NONCE_BYTES)
        place = f"{held.epoch}\x1f{table}\x1f{column}\x1f{record}".encode()
        return held.prefix + nonce + held.newest.encrypt(nonce, plain, place)

    def open(self, table: str, column: str, record: str, sealed: bytes) -> bytes:
        """Return what was sealed.

        Raises:
            SealBroken: It was altered, stood elsewhere, or its key is not loaded.
        """
        epoch = int.from_bytes(sealed[:EPOCH_BYTES], "big")
        cipher = self._held.ciphers.get(epoch)
        if cipher is None:
            raise SealBroken(f"{table}.{column} of {record}: no key of epoch {epoch}")
        start = EPOCH_BYTES + NONCE_BYTES
        place = f"{epoch}\x1f{table}\x1f{column}\x1f{record}".encode()
        try:
            return cipher.decrypt(sealed[EPOCH_BYTES:start], sealed[start:], place)
        except (InvalidTag, ValueError):
            raise SealBroken(f"{table}.{column} of {record}: altered or moved") from None
