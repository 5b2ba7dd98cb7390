"""脱敏解除记录: the table `disclosures`, each entry sealed as a whole by the seal of its reason."""

from typing import Final, NamedTuple

from gateway.adapters.ledger.observer import LedgerObserver
from gateway.adapters.ledger.row_shapes import DAMAGED, RowShape
from gateway.adapters.ledger.seals import open_reason, seal_reason
from gateway.adapters.ledger.timestamps import instant, micros
from gateway.adapters.ledger.unreadable import tell_unreadable, text_of
from gateway.ports.disclosures import Disclosure, RecordedDisclosure
from gateway.ports.unreadable import UnreadableCode, UnreadableRow
from storage.errors import SealBroken
from storage.sealing import Sealer
from storage.session import Row, Session, StaleWrite

TABLE: Final = "disclosures"
_TRIES: Final = 20


class DisclosureRow(NamedTuple):
    """A row of `disclosures`."""

    seq: int
    at: int
    actor: str
    act: str
    persons: int
    reason: bytes


_SHAPE: Final = RowShape(DisclosureRow)


class SqlDisclosures:
    """`Disclosures` inside one transaction of `session`."""

    __slots__ = ("_sealer", "_session")

    def __init__(self, session: Session, sealer: Sealer) -> None:
        self._session, self._sealer = session, sealer

    def add(self, disclosure: Disclosure) -> int:
        """Append an entry and return its number.

        Raises:
            StaleWrite: Other processes took one number after another.
        """
        for _ in range(_TRIES):
            seq = (
                max((newest for (newest,) in self._session.rows("newest_disclosure")), default=0)
                + 1
            )
            if self._added(seq, disclosure):
                return seq
        raise StaleWrite

    def _added(self, seq: int, one: Disclosure) -> bool:
        """Append an entry under a number; another process may just have taken that."""
        place = (seq, micros(one.at), one.actor, one.act, one.persons)
        reason = seal_reason(self._sealer, place, one.reason)
        return self._session.change("add_disclosure", *place, reason) == 1


def read_disclosures(
    session: Session, sealer: Sealer, observer: LedgerObserver, *, after: int, limit: int
) -> list[RecordedDisclosure | UnreadableRow]:
    """Return entries by number; where one is missing, a row that cannot be read says so."""
    found: list[RecordedDisclosure | UnreadableRow] = []
    expected = after + 1
    for row in map(DisclosureRow._make, session.rows("disclosures_after", after, limit)):
        if row.seq != expected:
            found.append(UnreadableRow(TABLE, str(expected), UnreadableCode.DAMAGED))
        found.append(read_disclosure(sealer, observer, row))
        expected = row.seq + 1
    return found


def read_disclosure(
    sealer: Sealer, observer: LedgerObserver, values: Row
) -> RecordedDisclosure | UnreadableRow:
    """Return the entry of a row, or that it was altered."""
    try:
        row = _SHAPE.row(values)
        entry = (row.at, row.actor, row.act, row.persons)
        reason = open_reason(sealer, (row.seq, *entry), row.reason)
        return RecordedDisclosure(
            row.seq, Disclosure(instant(row.at), row.actor, row.act, row.persons, reason)
        )
    except (*DAMAGED, SealBroken) as broken:
        return tell_unreadable(observer, TABLE, text_of(DisclosureRow._make(values).seq), broken)
