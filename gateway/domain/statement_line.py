"""对账行: what names one message in a statement: its kind, its key and its revision."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final, NamedTuple, Self

from gateway.domain.outbox_rules import MessageKind
from schemas.records.statements import EntryKind, StatementEntry

_SEPARATOR: Final = "|"
FORWARDED: Final = frozenset({EntryKind.APPLICATION, EntryKind.WITHDRAWAL})
"""What the national side hands to us; everything else we hand to it."""

UPLOADED: Final[Mapping[MessageKind, EntryKind]] = MappingProxyType(
    {
        MessageKind.REPORT: EntryKind.OUTCOME,
        MessageKind.REGISTRATION: EntryKind.REGISTRATION,
        MessageKind.DEREGISTRATION: EntryKind.DEREGISTRATION,
    }
)
"""What a message of ours is in a statement."""
SENT_AS: Final[Mapping[EntryKind, MessageKind]] = MappingProxyType(
    {entry: message for message, entry in UPLOADED.items()}
)
_MOST_AHEAD: Final = timedelta(days=1)
"""A clock that is further ahead of ours is wrong; then ours decides."""


def instant_there(said: datetime | None, at: datetime) -> datetime:
    """Return the instant at the national side that it `said`, ours where that cannot be."""
    return at if said is None or said > at + _MOST_AHEAD else said


class Line(NamedTuple):
    """One message of a statement; written, it sorts as the lines of the statement's digest do."""

    kind: EntryKind
    key: str
    revision: int

    @classmethod
    def of(cls, entry: StatementEntry) -> Self:
        """Return the line of an entry."""
        return cls(entry.kind, entry.key, entry.revision)

    @classmethod
    def read(cls, written: str) -> Self:
        """Return the line of its written form; a key may hold the separator.

        Raises:
            ValueError: It is none.
        """
        kind, _, rest = written.partition(_SEPARATOR)
        key, _, revision = rest.removesuffix(_SEPARATOR).rpartition(_SEPARATOR)
        return cls(EntryKind(kind), key, int(revision))

    def __str__(self) -> str:
        """Return the written form: kind, key and revision, each with the separator after it."""
        return _SEPARATOR.join((self.kind, self.key, str(self.revision), ""))

    @property
    def is_forwarded(self) -> bool:
        """Whether the national side hands it to us."""
        return self.kind in FORWARDED
