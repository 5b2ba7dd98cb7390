"""Keys (密钥) of the simulator: read from the files that its settings name."""

from pathlib import Path

from schemas.reasons.quotations import quote_system
from schemas.signing import KeyRejected, KeySet, read_key_set
from schemas.signing.key_reasons import KeyReason
from simulator.errors import SettingsRefused


def read_keys(path: Path, setting: str) -> KeySet:
    """Return the keys in the file that a setting names, one or several of one party.

    Raises:
        SettingsRefused: There is no usable key in it.
    """
    try:
        return read_key_set(path)
    except KeyRejected as exc:
        raise SettingsRefused(*exc.reasons_within(setting, exc.code)) from None
    except OSError as exc:
        reason = KeyReason.UNREADABLE.at(setting, path, said=quote_system(exc))
        raise SettingsRefused(reason) from None
