"""留存待查: the table `quarantine`.

The database itself compares the digests of items, so that each is kept once: they are keyed, since
in clear they would confirm a guess of what a person applied for.
"""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Final

from gateway.adapters.ledger.observer import LedgerObserver
from gateway.adapters.ledger.seals import seal_quarantined
from gateway.adapters.ledger.timestamps import instant, micros
from gateway.ports.quarantine import LEDGER, QuarantinedItem
from storage.sealing import Sealer
from storage.session import Row, Session

ROOM: Final = 10_000
"""How many open items are kept of one source."""


class SqlQuarantine:
    """`Quarantine` inside one transaction of `session`; `room` is that of each source, in items."""

    __slots__ = ("_observer", "_room", "_sealer", "_session")

    def __init__(
        self, session: Session, sealer: Sealer, observer: LedgerObserver, room: int
    ) -> None:
        self._session, self._sealer = session, sealer
        self._observer, self._room = observer, room

    def add(self, items: Sequence[QuarantinedItem]) -> set[str]:
        """Keep items, a repeat changes nothing; return the digests of what there is no room for."""
        by_source: dict[str, list[QuarantinedItem]] = {}
        for item in items:
            by_source.setdefault(item.source, []).append(item)
        return {
            item.digest
            for source, those in by_source.items()
            for item in self._refused(source, those)
        }

    def _refused(self, source: str, items: Sequence[QuarantinedItem]) -> Sequence[QuarantinedItem]:
        """Keep what there is room for; return the rest."""
        ((count,),) = self._session.rows("count_quarantined_of", source, self._room)
        left = max(self._room - count, 0)
        if len(items) <= left:
            self.keep(items)
            return ()
        known = {digest for digest, _ in self._known(source, _digests(items))}
        new = [item for item in items if item.digest not in known]
        self.keep(new[:left])
        refused = new[left:]
        if refused:
            self._observer.quarantine_full(source, len(refused))
        return refused

    def keep(self, items: Sequence[QuarantinedItem]) -> None:
        """Keep items whatever room there is; a repeat changes nothing."""
        known = {
            (source, *found)
            for source in {item.source for item in items}
            for found in self._known(source, _digests(one for one in items if one.source == source))
        }
        new = [one for one in items if (one.source, one.digest, one.reason) not in known]
        self._session.change_each("quarantine", [_new_row(item, self._sealer) for item in new])

    def first_kept(self, source: str, digests: Sequence[str], reason: str) -> dict[str, datetime]:
        """Return when those of `digests` that were kept for this reason were kept first."""
        known = self._known(source, set(digests))
        return {digest: instant(at) for (digest, why), at in known.items() if why == reason}

    def _known(self, source: str, digests: AbstractSet[str]) -> dict[tuple[str, str], int]:
        """Return digest and reason of those of one source that are here, and since when.

        They may be here under a former key, or with the plain digest that earlier programs stored.
        """
        plain_of = {
            stored: plain
            for plain in digests
            for stored in (plain, *self._sealer.hashes.digests(*_hashed(source, plain)))
        }
        rows = self._session.rows_among("quarantined_before", sorted(plain_of), source)
        return {(plain_of[stored], reason): at for stored, reason, at in rows}


def _digests(items: Iterable[QuarantinedItem]) -> set[str]:
    return {item.digest for item in items}


def stored_digest(sealer: Sealer, source: str, digest: str) -> str:
    """Return what is stored of the digest of an item: a keyed digest of it.

    That of a row of the ledger is over its place, which stands in clear beside it; it stays.
    """
    return digest if source == LEDGER else sealer.hashes.digest(*_hashed(source, digest))


def _hashed(source: str, digest: str) -> tuple[str, ...]:
    return "quarantine", source, digest


def _new_row(item: QuarantinedItem, sealer: Sealer) -> Row:
    digest = stored_digest(sealer, item.source, item.digest)
    return (
        item.source,
        _printable(item.key),
        item.reason,
        item.detail,
        digest,
        seal_quarantined(sealer, (item.source, digest, item.reason), item.content),
        micros(item.at),
    )


def _printable(text: str | None) -> str | None:
    """Return text from a malformed message in a form that either database can hold."""
    if text is None:
        return None
    return text.encode("utf-8", "backslashreplace").decode("utf-8").replace("\x00", "\\x00")
