"""Key files as they are written: JSON of one key or of several, as `keyfiles` reads them."""

import json
from binascii import b2a_base64
from pathlib import Path

from schemas.signing.key_sets import KeySet
from schemas.signing.keys import Key
from schemas.signing.private_files import create_private_file, replace_private_file


def write_key_file(path: Path, key: Key) -> None:
    """Write `key` for the owner only (0600), whole or not at all.

    Raises:
        FileExistsError: There is a file already; a key is never overwritten.
    """
    create_private_file(path, (json.dumps(_as_record(key)) + "\n").encode())


def write_key_set(path: Path, keys: KeySet) -> None:
    """Put `keys` in place of the key file `path`, in one step: it is read before or after it."""
    records = {"keys": [_as_record(key) for key in keys]}
    replace_private_file(path, (json.dumps(records, indent=1) + "\n").encode())


def _as_record(key: Key) -> dict[str, object]:
    encoded = b2a_base64(key.material, newline=False).decode("ascii")
    record: dict[str, object] = {
        "key_id": key.key_id,
        "suite": str(key.suite),
        str(key.kind): encoded,
    }
    if key.signer_id:
        record["signer_id"] = key.signer_id
    ends = {"not_before": key.validity.since, "not_after": key.validity.until}
    record |= {name: end.isoformat() for name, end in ends.items() if end is not None}
    return record | ({"revoked": True} if key.validity.revoked else {})
