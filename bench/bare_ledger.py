"""裸写台账: the bare inserts of the limits of B1 and B2, a multi-row insert a table, no decision.

The tables are the gateway's own, with their indexes, and what is personal is sealed alike.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

from gateway.adapters.ledger.store import MIGRATIONS, STATEMENTS
from gateway.adapters.ledger.timestamps import micros
from gateway.ports import PORTAL
from schemas.records.applications import ForwardedApplication
from storage.sealing import Sealer
from storage.session import Row
from storage.sqlite.file import open_writer
from storage.statements import load_statements

_DAY: Final = "2026-12-31"
_CHAIN: Final = "0" * 64
_TRACE: Final = "0" * 32
_RECEIPT: Final = b"0" * 240  # as long as one is
_HEAD: Final = b"0" * 320  # as long as that of a dispatch
_AGENCY: Final = "410000-01"


class OutcomeRow(NamedTuple):
    """An outcome as the limit of B2 stores it."""

    key_id: str
    nonce: str
    until: datetime
    key: str
    body: bytes


class BareLedger:
    """A ledger of the gateway's schema, written without the gateway's flows."""

    def __init__(self, path: Path, sealer: Sealer) -> None:
        self._database, self._sealer = open_writer(path, MIGRATIONS), sealer
        self._statements = load_statements(STATEMENTS, "sqlite")

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def insert_page(self, items: Sequence[ForwardedApplication], keys: Sequence[str]) -> None:
        """Insert a page of applications under `keys`, and commit."""
        contents = [item.wire() for item in items]
        at = micros(items[0].submitted_at)
        pairs = list(zip(keys, items, strict=True))
        self._insert(
            {
                "record_inbox_entry": [
                    self._inbox_row(PORTAL, key, "application", content, at)
                    for key, content in zip(keys, contents, strict=True)
                ],
                "open_case": [self._case_row(key, item, at) for key, item in pairs],
                "keep_content": [
                    self._content_row(key, item, content)
                    for (key, item), content in zip(pairs, contents, strict=True)
                ],
                "note_history": [_history_row(key, 1, at) for key in keys],
                "enqueue": [self._outbox_row("dispatch", _AGENCY, key, _HEAD, at) for key in keys],
            }
        )

    def insert_outcomes(self, group: Sequence[OutcomeRow], at: datetime) -> None:
        """Insert a group of outcomes, and commit."""
        now = micros(at)
        self._insert(
            {
                "consume": [(one.key_id, one.nonce, micros(one.until)) for one in group],
                "record_inbox_entry": [
                    self._inbox_row(_AGENCY, one.key, "outcome", one.body, now) for one in group
                ],
                "note_history": [_history_row(one.key, 2, now) for one in group],
                "enqueue": [self._outbox_row("report", PORTAL, e.key, e.body, now) for e in group],
            }
        )

    def _insert(self, tables: dict[str, list[Row]]) -> None:
        self._database.execute("BEGIN IMMEDIATE")
        for name, rows in tables.items():
            self._database.executemany(self._statements[name].text, rows)
        self._database.execute("COMMIT")

    def _content_row(self, key: str, item: ForwardedApplication, content: bytes) -> Row:
        person = item.certificate_no
        return (
            key,
            self._sealer.epoch,
            self._sealer.hashes.index(person),
            self._sealer.seal("contents", "subject", key, person.encode()),
            self._sealer.seal("contents", "content", key, content),
        )

    def _case_row(self, key: str, item: ForwardedApplication, at: int) -> Row:
        row = (
            *(key, "ACCEPTED", 1, 0, item.place_basis, item.place_division, _AGENCY, f"D{key}", 1),
            *(item.policy, at, at, at, _DAY, "limit", None, "[]", _TRACE, _CHAIN),
        )
        return (*row, self._sealer.seal("cases", "seal", key, b""))

    def _outbox_row(self, kind: str, peer: str, key: str, body: bytes, at: int) -> Row:
        sealed = self._sealer.seal("outbox", "body", key, body)
        return (kind, peer, key, f"{key}:1", 1, sealed, at, at)

    def _inbox_row(self, source: str, key: str, kind: str, content: bytes, at: int) -> Row:
        entry = hashlib.sha256(content).hexdigest().encode() + _RECEIPT
        return (source, key, kind, 1, "", self._sealer.seal("inbox", "receipt", key, entry), at)


def _history_row(key: str, seq: int, at: int) -> Row:
    return (key, seq, at, "accept", "ACCEPTED", "limit", None, _CHAIN)
