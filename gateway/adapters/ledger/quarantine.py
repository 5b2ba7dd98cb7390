"""留存待查: the table `quarantine`."""

from collections.abc import Sequence

from gateway.adapters.ledger.seals import seal_quarantined
from gateway.adapters.ledger.timestamps import micros
from gateway.ports.quarantine import QuarantinedItem
from storage.sealing import Sealer
from storage.session import Row, Session


class SqlQuarantine:
    """`Quarantine` inside one transaction of `session`."""

    __slots__ = ("_sealer", "_session")

    def __init__(self, session: Session, sealer: Sealer) -> None:
        self._session, self._sealer = session, sealer

    def add(self, items: Sequence[QuarantinedItem]) -> None:
        """Keep items; a repeat changes nothing."""
        self._session.change_each("quarantine", [_new_row(item, self._sealer) for item in items])


def _new_row(item: QuarantinedItem, sealer: Sealer) -> Row:
    return (
        item.source,
        _printable(item.key),
        item.reason,
        item.detail,
        item.digest,
        seal_quarantined(sealer, item),
        micros(item.at),
    )


def _printable(text: str | None) -> str | None:
    """Return text from a malformed message in a form that either database can hold."""
    if text is None:
        return None
    return text.encode("utf-8", "backslashreplace").decode("utf-8").replace("\x00", "\\x00")
