"""Keyed hashes (密钥散列): what is stored of a value so that equal values are found, and no other.

Whoever has the database alone cannot test a guess: each hash is an HMAC under the index key of an
epoch. A certificate number becomes a blind index, a digest of content with personal data a keyed
digest; the keys of the two are different, so that one never stands for the other.
"""

import hmac
from collections.abc import Mapping
from typing import Final

from schemas.signing.digests import Mac

INDEX_BYTES: Final = 16
_DIGEST_LABEL: Final = b"duijie ledger keyed digest 1"
"""What the key of digests is derived with. An index is of text in capitals: never of this one."""


class KeyedHashes:
    """The keyed hashes under the index keys of each epoch, of which `epoch` is today's."""

    def __init__(self, keys: Mapping[int, bytes], epoch: int, mac: Mac) -> None:
        self._index, self._epoch, self._mac = keys, epoch, mac
        self._digest = {one: mac(key, _DIGEST_LABEL) for one, key in keys.items()}
        self._order: Final = tuple(sorted(keys, key=lambda one: one != epoch))

    @property
    def is_rotating(self) -> bool:
        """Whether there are several index keys: what is stored may be under any of them."""
        return len(self._order) > 1

    def index(self, certificate: str) -> bytes:
        """Return the blind index of a certificate number under today's key: 128 bits of its HMAC.

        It is HMAC-SHA256 beside AES-256-GCM, HMAC-SM3 beside SM4-GCM.
        """
        return self._index_under(self._epoch, certificate)

    def indexes(self, certificate: str) -> tuple[bytes, ...]:
        """Return the blind indexes of a certificate number under every key, today's first."""
        found = (self._index_under(epoch, certificate) for epoch in self._order)
        return tuple(dict.fromkeys(found))

    def digest(self, *parts: str) -> str:
        """Return the keyed digest of `parts` under today's key: its epoch, a colon, hexadecimal."""
        return self._digest_under(self._epoch, parts)

    def digests(self, *parts: str) -> tuple[str, ...]:
        """Return the keyed digests of `parts` under every key, today's first."""
        return tuple(self._digest_under(epoch, parts) for epoch in self._order)

    def prove(self, purpose: str, data: bytes) -> bytes:
        """Return a keyed hash that proves `data` to be of this ledger, for one purpose."""
        return self._proof_under(self._epoch, purpose, data)

    def is_proven(self, purpose: str, data: bytes, proof: bytes) -> bool:
        """Whether `proof` was made of `data`, for this purpose, under any of the keys."""
        made = (self._proof_under(epoch, purpose, data) for epoch in self._order)
        return any(hmac.compare_digest(proof, one) for one in made)

    def _proof_under(self, epoch: int, purpose: str, data: bytes) -> bytes:
        key = self._mac(self._index[epoch], f"duijie ledger proof\x1f{purpose}".encode())
        return self._mac(key, data)

    def _index_under(self, epoch: int, certificate: str) -> bytes:
        return self._mac(self._index[epoch], certificate.strip().upper().encode())[:INDEX_BYTES]

    def _digest_under(self, epoch: int, parts: tuple[str, ...]) -> str:
        mac = self._mac(self._digest[epoch], "\x1f".join(parts).encode())
        return f"{epoch}:{mac.hex()}"
