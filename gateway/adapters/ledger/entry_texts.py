"""附言: the table `entry_texts`, each text sealed for its entry."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Final, NamedTuple

from gateway.adapters.ledger.masking import shown_text
from gateway.adapters.ledger.row_shapes import DAMAGED, RowShape
from gateway.adapters.ledger.seals import open_text, seal_text
from gateway.ports.entry_texts import EntryText
from storage.errors import SealBroken
from storage.sealing import Sealer
from storage.session import Session


class EntryTextRow(NamedTuple):
    """A row of `entry_texts`."""

    key: str
    seq: int
    body: bytes


_SHAPE: Final = RowShape(EntryTextRow)


class SqlEntryTexts:
    """`EntryTexts` inside one transaction of `session`."""

    __slots__ = ("_sealer", "_session")

    def __init__(self, session: Session, sealer: Sealer) -> None:
        self._session, self._sealer = session, sealer

    def add(self, texts: Sequence[EntryText]) -> None:
        """Keep texts, one an entry at most, in the transaction that writes the entries."""
        rows = [
            EntryTextRow(one.key, one.seq, seal_text(self._sealer, one.key, one.seq, one.text))
            for one in texts
        ]
        self._session.change_each("add_entry_text", rows)


def read_texts(session: Session, sealer: Sealer, key: str) -> dict[int, str]:
    """Return what was written with entries of a case, masked; what does not open is absent."""
    texts: dict[int, str] = {}
    for values in session.rows("texts_of", key):
        with suppress(*DAMAGED, SealBroken):
            row = _SHAPE.row(values)
            texts[row.seq] = shown_text(open_text(sealer, row.key, row.seq, row.body))
    return texts
