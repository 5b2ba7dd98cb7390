"""The errors of the storage engine that its callers are told, under one base.

    StorageError
    ├── StoreUnavailable        the store cannot write now; the caller may try again
    │   └── CommitUnknown       the line or the disk failed during the commit itself
    ├── SealBroken              sealed data cannot be opened
    └── StoreMisconfigured      the store or its keys cannot be opened as they are configured
        └── StoreOwned          another process owns the SQLite file

`code` is stable and public. A database driver's own error reaches the caller of `transact` only
where a single unit of work caused it.
"""


class StorageError(Exception):
    """What the storage engine tells its callers on purpose."""

    code = "store.fault"


class StoreUnavailable(StorageError):
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
        super().__init__(f"no more uses of the data key of epoch {epoch}; rotate the ledger keys")
        self.epoch = epoch


class SealBroken(StorageError):
    """Sealed data cannot be opened: altered, moved to another row, or its key is not loaded."""

    code = "store.seal-broken"


class StoreMisconfigured(StorageError):
    """The store or its keys cannot be opened: what is wrong, and the cure."""

    code = "config.invalid"


class StoreOwned(StoreMisconfigured):
    """Another process owns the SQLite file; one process writes to it."""

    code = "store.owned"
