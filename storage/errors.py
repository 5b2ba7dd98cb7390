"""The errors of the storage engine that its callers are told, under one base.

    StorageError
    ├── StoreUnavailable        the store cannot write now; the caller may try again
    │   └── CommitUnknown       the line or the disk failed during the commit itself
    ├── SealBroken              sealed data cannot be opened
    └── StoreMisconfigured      the store or its keys cannot be opened as they are configured
        ├── StoreOwned          another process owns the SQLite file
        └── StoreReplaced       the SQLite file is not the one that was written to last

`code` is stable and public. A database driver's own error reaches the caller of `transact` only
where a single unit of work caused it.
"""

from datetime import datetime
from enum import StrEnum
from pathlib import Path

from schemas.reasons.reason import ReasonedError
from storage.reasons import StoreReason


class StorageError(Exception):
    """What the storage engine tells its callers on purpose."""

    code = "store.fault"


class StoreUnavailable(StorageError, ReasonedError):
    """The store cannot take a write now: full, locked, closing, or out of reach."""

    code = "store.unavailable"


class CommitUnknown(StoreUnavailable):
    """Nobody knows whether the work was stored: the answer to its commit never came.

    The caller does the same again, under the same number: what was stored is then a repeat.
    """

    code = "store.commit-unknown"


class SealKeyExhausted(StoreUnavailable):
    """A data key has sealed as often as it may, or its next range is not reserved yet."""

    code = "store.key-exhausted"

    def __init__(self, epoch: int) -> None:
        super().__init__(StoreReason.KEY_EXHAUSTED.at(epoch=epoch))
        self.epoch = epoch


class SealBroken(StorageError):
    """Sealed data cannot be opened: altered, moved to another row, or its key is not loaded."""

    code = "store.seal-broken"


class StoreMisconfigured(StorageError, ReasonedError):
    """The store or its keys cannot be opened: what is wrong, and the cure."""

    code = "config.invalid"


class StoreOwned(StoreMisconfigured):
    """Another process owns the SQLite file; one process writes to it."""

    code = "store.owned"


class HeadFault(StrEnum):
    """Why a SQLite file and its head (进度文件) do not belong together."""

    BEHIND = "file.behind-head"
    """The file is older than what was last written: a copy was put back, or it is gone."""
    ANOTHER = "file.another"
    """The file was written on elsewhere, or is that of another ledger."""
    HEAD_MISSING = "head.missing"
    """The file says that there is a head, and there is none."""
    HEAD_ALTERED = "head.altered"
    """The head cannot be read, or was not written with the keys of the ledger."""


class StoreReplaced(StoreMisconfigured):
    """The SQLite file is not the one that was written to last; `head_at` and `file_at` are UTC.

    Each is when what it says was written; None where it says nothing.
    """

    code = "store.replaced"

    def __init__(
        self, path: Path, fault: HeadFault, *, head_at: datetime | None, file_at: datetime | None
    ) -> None:
        times = {"head_at": _said(head_at), "file_at": _said(file_at)}
        super().__init__(StoreReason.REPLACED.at("store", path, fault=fault, **times))
        self.path, self.fault = path, fault
        self.head_at, self.file_at = head_at, file_at


def _said(at: datetime | None) -> str:
    return "no time" if at is None else f"{at:%Y-%m-%dT%H:%M:%SZ}"
