"""Key files of a sealed store (台账密钥): written once, read at every start, kept from others.

A key file holds a data key and an index key for each epoch, for the cipher of one profile
(密码体系). One written by an earlier program holds a single index key, which stands for all epochs.
"""

import json
import secrets
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from schemas.reasons.quotations import quote_system
from schemas.reasons.reason import Reason
from schemas.signing import KeyRejected
from schemas.signing.private_files import (
    create_private_file,
    read_private_file,
    replace_private_file,
    require_unreadable_to_others,
)
from schemas.signing.weak_material import weakness
from storage.errors import StoreMisconfigured
from storage.reasons import StoreReason
from storage.sealing import CIPHER_OF, CIPHERS, EPOCH_BYTES, CryptoProfile, LedgerKeys, Sealer

INDEX_KEY_BYTES: Final = 32
_SETTING: Final = "ledger_keys"
_MAX_FILE_BYTES: Final = 1 << 20


def create(path: Path, profile: CryptoProfile = CryptoProfile.INTERNATIONAL) -> LedgerKeys:
    """Write a key file with fresh random keys, readable by its owner only (0600).

    Raises:
        FileExistsError: There is a file already; keys are never overwritten.
    """
    cipher = CIPHER_OF[profile]
    first = secrets.token_bytes(CIPHERS[cipher].key_bytes)
    keys = LedgerKeys({1: first}, {1: secrets.token_bytes(INDEX_KEY_BYTES)}, cipher)
    create_private_file(path, _as_file(keys))
    return keys


def load(path: Path, profile: CryptoProfile | None = None) -> LedgerKeys:
    """Return the keys in `path`.

    Args:
        path: A file as `create` writes it.
        profile: What the settings say the keys are for; None where any will do.

    Raises:
        StoreMisconfigured: There is no such file, others may read or change it, it is not a key
            file, a key in it is weak or stands twice, or its cipher is not the profile's.
    """
    keys = _read(path)
    if profile is not None and keys.cipher != CIPHER_OF[profile]:
        raise StoreMisconfigured(_of_another_profile(path, keys.cipher, profile))
    return keys


def load_sealer(path: Path) -> Sealer:
    """Return a sealer with the keys in `path`, whatever their profile.

    Raises:
        StoreMisconfigured: As `load`.
    """
    return Sealer(load(path))


def prepare(path: Path) -> LedgerKeys:
    """Add a fresh data key and index key to the file `path`, not in use yet; return all keys.

    Every process has to know them before another one seals under them.

    Raises:
        StoreMisconfigured: As `load`; or a prepared key is there already.
    """
    keys = load(path)
    if max(keys.data) != keys.epoch:
        raise StoreMisconfigured(StoreReason.KEY_PREPARED.at(_SETTING, path))
    fresh = keys.epoch + 1
    changed = replace(
        keys,
        data={**keys.data, fresh: secrets.token_bytes(CIPHERS[keys.cipher].key_bytes)},
        index={**keys.index, fresh: secrets.token_bytes(INDEX_KEY_BYTES)},
        active=keys.epoch,
    )
    return _replace(path, changed)


def activate(path: Path) -> LedgerKeys:
    """Let the newest keys in the file `path` be those in use; return the keys.

    Raises:
        StoreMisconfigured: As `load`.
    """
    keys = load(path)
    return _replace(path, replace(keys, active=max(keys.data)))


def retire(path: Path, epochs: Collection[int]) -> LedgerKeys:
    """Remove the keys of epochs from the file `path`; return the keys that are left.

    Raises:
        StoreMisconfigured: As `load`; or one of them seals now.
    """
    keys = load(path)
    if keys.epoch in epochs:
        raise StoreMisconfigured(StoreReason.KEY_IN_USE.at(_SETTING, path, epoch=keys.epoch))
    left = keys.data.keys() - epochs
    data = {epoch: keys.data[epoch] for epoch in sorted(left)}
    index = {epoch: keys.index[epoch] for epoch in sorted(left)}
    return _replace(path, replace(keys, data=data, index=index, active=keys.epoch))


def _replace(path: Path, keys: LedgerKeys) -> LedgerKeys:
    replace_private_file(path, _as_file(keys))
    return keys


def _read(path: Path) -> LedgerKeys:
    try:
        read = read_private_file(path, max_bytes=_MAX_FILE_BYTES)
        require_unreadable_to_others(path, read.mode)
    except OSError as exc:
        reason = StoreReason.KEYS_UNREADABLE.at(_SETTING, path, said=quote_system(exc))
        raise StoreMisconfigured(reason) from exc
    except KeyRejected as exc:
        raise StoreMisconfigured(*exc.reasons_within(_SETTING, path)) from exc
    try:
        keys = _parse(read.data)
    except (ValueError, KeyError, TypeError, AttributeError, Base64Error):
        raise StoreMisconfigured(StoreReason.NO_KEYS.at(_SETTING, path)) from None
    if (weak := _weak_key(keys)) is not None:
        raise StoreMisconfigured(weak.within(_SETTING, path))
    return keys


def _parse(content: bytes) -> LedgerKeys:
    record = json.loads(content)
    data, cipher = _keys_in(record["data_keys"]), record["cipher"]
    index = _keys_in(
        record["index_keys"]
        if "index_keys" in record
        else dict.fromkeys(record["data_keys"], record["index_key"])
    )
    lengths = {len(key) for key in data.values()}, {len(key) for key in index.values()}
    if lengths != ({CIPHERS[cipher].key_bytes}, {INDEX_KEY_BYTES}) or data.keys() != index.keys():
        raise ValueError("a key is missing or has the wrong length")
    if min(data) < 1 or max(data) >= 1 << (8 * EPOCH_BYTES):
        raise ValueError("an epoch does not fit its two bytes")
    active = int(record["active"]) if "active" in record else None
    if active is not None and active not in data:
        raise ValueError("the active key is missing")
    return LedgerKeys(data, index, cipher, active)


def _keys_in(written: Mapping[str, str]) -> dict[int, bytes]:
    return {int(epoch): b64decode(key, validate=True) for epoch, key in written.items()}


def _weak_key(keys: LedgerKeys) -> Reason | None:
    """Return which key was not drawn at random, or is there under two names."""
    named = {f"data_keys.{epoch}": key for epoch, key in keys.data.items()}
    named |= {f"index_keys.{epoch}": key for epoch, key in keys.index.items()}
    for name, key in named.items():
        if (rule := weakness(key)) is not None:
            return StoreReason.KEY_WEAK.at(part=name, rule=rule.at())
    distinct = len(keys.data) + len(set(keys.index.values()))  # epochs may share an index key
    if len(set(named.values())) < distinct:
        return StoreReason.KEY_TWICE.at()
    return None


def _of_another_profile(path: Path, cipher: str, profile: CryptoProfile) -> Reason:
    fitting = next(one for one, name in CIPHER_OF.items() if name == cipher)
    return StoreReason.OTHER_CIPHER.at(
        _SETTING, path, cipher=cipher, profile=profile, wanted=CIPHER_OF[profile], fitting=fitting
    )


def _as_file(keys: LedgerKeys) -> bytes:
    record: dict[str, object] = {
        "cipher": keys.cipher,
        "data_keys": {str(epoch): _written(key) for epoch, key in keys.data.items()},
        "index_keys": {str(epoch): _written(key) for epoch, key in keys.index.items()},
    }
    if keys.active is not None:
        record["active"] = keys.active
    return (json.dumps(record, indent=1) + "\n").encode("ascii")


def _written(key: bytes) -> str:
    return b64encode(key).decode("ascii")
