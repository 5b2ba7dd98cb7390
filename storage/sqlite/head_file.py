"""进度文件: how far a SQLite file was written, in a file beside it that only its keys can make.

A backup of the database that is put back bears an earlier stamp than the file beside it says. It
is written when a stamp is on disk, never before; replaced in one step, so it is never half there.
"""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from portable.files import flush_folder, overwrite

_MAX_BYTES: Final = 4096
_SUFFIX: Final = ".head"


@dataclass(frozen=True, slots=True)
class HeadTerms:
    """What the head of a database goes by: a keyed hash that proves it, and the time (UTC).

    `is_proven` says whether a hash (second) was made of the data (first), by keys of before too.
    With `accepts_restored` a file that does not fit its head is opened all the same, and the next
    head is written for it.
    """

    prove: Callable[[bytes], bytes]
    is_proven: Callable[[bytes, bytes], bool]
    now: Callable[[], datetime]
    accepts_restored: bool = False


@dataclass(frozen=True, slots=True)
class Head:
    """A stamp of a database: its number, from 1, a mark drawn at random, and when it was (UTC)."""

    number: int
    mark: str
    at: datetime


class HeadAltered(Exception):
    """The file is no head, or one that was not written with these keys."""


class HeadFile:
    """The file beside a database that holds its head."""

    def __init__(self, database: Path, terms: HeadTerms) -> None:
        self._path, self._terms = Path(f"{database}{_SUFFIX}"), terms

    def read(self) -> Head | None:
        """Return what was written last; None where there is no file.

        Raises:
            HeadAltered: It cannot be read, or was changed.
        """
        try:
            with self._path.open("rb") as file:
                record = json.loads(file.read(_MAX_BYTES))
            proof = bytes.fromhex(record.pop("mac"))
            if not self._terms.is_proven(_content(record), proof):
                raise HeadAltered
            return Head(record["number"], record["mark"], datetime.fromisoformat(record["at"]))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as exc:
            raise HeadAltered from exc

    def write(self, head: Head) -> None:
        """Put `head` in place of what was written last, and flush it to disk.

        Raises:
            OSError: It could not be written; what stood there stands.
        """
        record = {"number": head.number, "mark": head.mark, "at": head.at.isoformat()}
        proven = record | {"mac": self._terms.prove(_content(record)).hex()}
        draft = self._path.with_name(f"{self._path.name}.new")
        handle = overwrite(draft)
        with os.fdopen(handle, "wb") as file:
            file.write(_content(proven))
            file.flush()
            os.fsync(handle)
        draft.replace(self._path)
        flush_folder(self._path.parent)


def _content(record: dict[str, object]) -> bytes:
    return json.dumps(record, sort_keys=True).encode("ascii")
