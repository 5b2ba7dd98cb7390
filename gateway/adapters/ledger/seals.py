"""Where personal data stand in the tables: each sealed for its table, column and row."""

import hashlib
from typing import Final

import orjson

from gateway.adapters.ledger.case_rows import CaseRow
from gateway.ports.outbox import OutboxMessage
from gateway.ports.quarantine import QuarantinedItem
from storage.sealing import Sealer

_QUARANTINE: Final = "set_aside"
"""What the table `quarantine` was called when its first rows were sealed: under the name of today
they would not open."""


def seal_case(sealer: Sealer, row: CaseRow) -> bytes:
    """Return a seal that fits this row of `cases` and no other: nothing is in it but its place."""
    return sealer.seal("cases", "seal", _row_place(row), b"")


def check_case(sealer: Sealer, row: CaseRow, seal: bytes) -> None:
    """Raise `SealBroken` where the seal is not of this row."""
    sealer.open("cases", "seal", _row_place(row), seal)


def seal_content(sealer: Sealer, key: str, content: bytes) -> bytes:
    """Return what was received for a case, sealed."""
    return sealer.seal("contents", "content", key, content)


def open_content(sealer: Sealer, key: str, sealed: bytes) -> bytes:
    """Return what was received for a case; raise `SealBroken`."""
    return sealer.open("contents", "content", key, sealed)


def seal_subject(sealer: Sealer, key: str, subject: str) -> bytes:
    """Return the certificate number of a case, sealed."""
    return sealer.seal("contents", "subject", key, subject.encode())


def open_subject(sealer: Sealer, key: str, sealed: bytes) -> str:
    """Return the certificate number of a case; raise `SealBroken`."""
    return sealer.open("contents", "subject", key, sealed).decode()


def seal_body(sealer: Sealer, message: OutboxMessage) -> bytes:
    """Return a message's body sealed for its number."""
    place = _place(message.kind.value, message.peer, message.number)
    return sealer.seal("outbox", "body", place, message.body)


def open_body(sealer: Sealer, *, kind: str, peer: str, number: str, sealed: bytes) -> bytes:
    """Return a message's body; raise `SealBroken`."""
    return sealer.open("outbox", "body", _place(kind, peer, number), sealed)


def seal_quarantined(sealer: Sealer, item: QuarantinedItem) -> bytes:
    """Return the raw content of an item in quarantine, sealed."""
    place = _place(item.source, item.digest, item.reason)
    return sealer.seal(_QUARANTINE, "content", place, item.content)


def open_quarantined(sealer: Sealer, item: tuple[str, str, str], sealed: bytes) -> bytes:
    """Return the raw content of an item given by source, digest, reason; raise `SealBroken`."""
    return sealer.open(_QUARANTINE, "content", _place(*item), sealed)


def reseal_quarantined(sealer: Sealer, item: tuple[str, str, str], content: bytes) -> bytes:
    """Return the raw content of an item given by source, digest, reason, sealed again."""
    return sealer.seal(_QUARANTINE, "content", _place(*item), content)


def reseal_body(sealer: Sealer, *, kind: str, peer: str, number: str, body: bytes) -> bytes:
    """Return the body of a message in the outbox, sealed again."""
    return sealer.seal("outbox", "body", _place(kind, peer, number), body)


def _row_place(row: CaseRow) -> str:
    values = tuple(row)  # a plain tuple is written as a JSON array, a named one is refused
    return _place(str(row.key), hashlib.sha256(orjson.dumps(values)).hexdigest())


def _place(*parts: str) -> str:
    return "\x1f".join(parts)
