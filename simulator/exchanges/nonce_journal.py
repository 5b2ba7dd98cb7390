"""The journal of nonces (随机数日志): one line each, written when it is consumed.

A line is in the hands of the operating system before the call that it belongs to is answered, so it
survives the death of the process; a power cut may take the last lines. The file is written anew
when most of its lines have expired.
"""

import os
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Self

from portable.files import append

_MIN_LINES: Final = 1_000


@dataclass(frozen=True, slots=True)
class ConsumedNonce:
    """A nonce that was used under a key, and until when its signature would be good (UTC)."""

    key_id: str
    nonce: str
    until: datetime

    @property
    def key(self) -> tuple[str, str]:
        """What must not come twice."""
        return self.key_id, self.nonce

    def line(self) -> bytes:
        """Return the line of the journal; none of its parts has a space."""
        return f"{self.until.isoformat()} {self.key_id} {self.nonce}\n".encode("ascii")

    @classmethod
    def read(cls, line: bytes) -> Self | None:
        """Return what a line says, None where it was cut off while it was written."""
        try:
            until, key_id, nonce = line.decode("ascii").split(" ")
            return cls(key_id, nonce, datetime.fromisoformat(until))
        except ValueError:
            return None


class NonceJournal:
    """An append-only file that one process writes, readable by its owner only."""

    def __init__(self, file: Path, lines: int) -> None:
        self._file, self._lines = file, lines
        self._open = append(file)

    @classmethod
    def open(cls, file: Path, now: datetime) -> tuple[Self, tuple[ConsumedNonce, ...]]:
        """Return the journal, written anew, and the nonces in it that have not expired.

        Raises:
            OSError: The file cannot be read or written.
        """
        kept = tuple(sorted(_unexpired(file, now), key=lambda one: one.until))
        _replace(file, kept)
        return cls(file, len(kept)), kept

    def append(self, one: ConsumedNonce, living: Collection[ConsumedNonce]) -> None:
        """Write one nonce; `living` are those before it that have not expired.

        Raises:
            OSError: It could not be written: the nonce must not count as consumed.
        """
        if self._lines > max(_MIN_LINES, 2 * len(living)):
            self._rewrite(living)
        os.write(self._open, one.line())
        self._lines += 1

    def _rewrite(self, living: Collection[ConsumedNonce]) -> None:
        """Write the file anew; not every system replaces a file that is open."""
        self.close()
        try:
            _replace(self._file, living)
            self._lines = len(living)
        finally:
            self._open = append(self._file)

    def close(self) -> None:
        """Close the file."""
        os.close(self._open)
        self._open = -1  # the number may be another file's by now


def _unexpired(file: Path, now: datetime) -> Iterator[ConsumedNonce]:
    if not file.exists():
        return
    for line in file.read_bytes().split(b"\n"):
        one = ConsumedNonce.read(line)
        if one is not None and one.until >= now:
            yield one


def _replace(file: Path, nonces: Iterable[ConsumedNonce]) -> None:
    """Write a file anew, whole or not at all."""
    fresh = file.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    written = append(fresh)
    try:
        os.write(written, b"".join(one.line() for one in nonces))
        os.fsync(written)
    finally:
        os.close(written)
    fresh.replace(file)
