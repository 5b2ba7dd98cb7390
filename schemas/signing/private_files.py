"""Files that hold keys: who may read and write them, and how they are written whole.

A key is only as good as the file it came from: whoever can write the file, or the folder that
holds it, chooses the key. So a file is judged by what was opened, never by what stood there before.
"""

import os
import secrets
import stat
from pathlib import Path
from typing import Final, NamedTuple

from portable.files import (
    create,
    flush_folder,
    is_another_users,
    permissions,
    read_at_once,
)
from schemas.reasons.reason import Reason
from schemas.signing.key_reasons import KeyReason
from schemas.signing.signature_errors import KeyRejected, SignatureErrorCode

_READ: Final = stat.S_IRGRP | stat.S_IROTH | stat.S_IXGRP | stat.S_IXOTH
_WRITE: Final = stat.S_IWGRP | stat.S_IWOTH


class KeyFileContent(NamedTuple):
    """What was read from a file that nobody else can write, and its permission bits."""

    data: bytes
    mode: int


def read_private_file(path: Path, *, max_bytes: int) -> KeyFileContent:
    """Return the content of a file that only its owner can write.

    Args:
        path: A regular file; a symbolic link is followed where nobody else can redirect it.
        max_bytes: Larger files are refused.

    Raises:
        KeyRejected: `key.file-open-to-others`: others can write the file or one of the folders
            that decide which file it is. `key.malformed`: not a regular file, or too large.
        OSError: The file cannot be read.
    """
    for folder in dict.fromkeys((path.parent, path.resolve().parent)):
        _check_folder(folder)
    handle = read_at_once(path)  # a named pipe would hold the program up before it is refused
    with os.fdopen(handle, "rb") as file:
        state = os.fstat(handle)
        if not stat.S_ISREG(state.st_mode):
            raise KeyRejected(SignatureErrorCode.KEY_MALFORMED, KeyReason.NO_FILE.at())
        mode = permissions(state.st_mode)
        if mode & _WRITE:
            raise _open_to_others(KeyReason.WRITABLE_BY_OTHERS.at(mode=_octal(mode), file=path))
        if is_another_users(state.st_uid):
            raise _open_to_others(KeyReason.FILE_OF_ANOTHER_USER.at())
        data = file.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise KeyRejected(SignatureErrorCode.KEY_MALFORMED, KeyReason.TOO_LARGE.at(bytes=max_bytes))
    return KeyFileContent(data, mode)


def require_unreadable_to_others(path: Path, mode: int) -> None:
    """Raise `KeyRejected` where `mode` lets anybody but the owner read a secret."""
    if mode & _READ:
        raise _open_to_others(KeyReason.READABLE_TO_OTHERS.at(mode=_octal(mode), file=path))


def create_private_file(path: Path, data: bytes) -> None:
    """Write a new file for the owner only (0600), whole or not at all.

    Raises:
        FileExistsError: There is a file already; a key is never overwritten.
    """
    draft = _write_draft(path, data)
    try:
        os.link(draft, path)  # unlike a rename, refuses to replace
    finally:
        draft.unlink()
    flush_folder(path.parent)  # a key lost to a power cut would take the ledger with it


def replace_private_file(path: Path, data: bytes) -> None:
    """Put `data` in place of the file `path` (0600), in one step: readers see the old or the new.

    A symbolic link stays and what it points to is replaced.
    """
    place = path.resolve()
    draft = _write_draft(place, data)
    try:
        draft.replace(place)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    flush_folder(place.parent)


def _check_folder(folder: Path) -> None:
    """Refuse a folder in which others could put another file; the sticky bit keeps them from it.

    What belongs to neither root nor the user who runs the program is another's; root takes all.
    """
    state = folder.stat()
    mode = permissions(state.st_mode)
    if mode & _WRITE and not mode & stat.S_ISVTX:
        raise _open_to_others(KeyReason.FOLDER_WRITABLE.at(mode=_octal(mode), folder=folder))
    if is_another_users(state.st_uid):
        raise _open_to_others(KeyReason.FOLDER_OF_ANOTHER_USER.at(folder=folder))


def _open_to_others(reason: Reason) -> KeyRejected:
    return KeyRejected(SignatureErrorCode.KEY_FILE_OPEN_TO_OTHERS, reason)


def _octal(mode: int) -> str:
    return f"{mode:04o}"


def _write_draft(path: Path, data: bytes) -> Path:
    """Write a file beside `path`, flushed to disk, and return where."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(create(draft), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return draft
