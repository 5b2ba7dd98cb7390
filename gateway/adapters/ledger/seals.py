"""Where personal data stand in the tables: each sealed for its table, column and row."""

import hashlib
from typing import Final

import orjson

from gateway.adapters.ledger.case_rows import CaseRow
from gateway.ports.inbox import IdempotencyKey, InboxEntry
from gateway.ports.outbox import OutboxMessage
from storage.sealing import Sealer

_QUARANTINE: Final = "set_aside"
"""What the table `quarantine` was called when its first rows were sealed: under the name of today
they would not open."""
_AFTER_DIGEST: Final = b"\n"


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


def seal_entry(sealer: Sealer, key: IdempotencyKey, entry: InboxEntry) -> bytes:
    """Return what is remembered of a message, its digest and its receipt, sealed."""
    plain = entry.digest.encode() + _AFTER_DIGEST + entry.receipt
    return sealer.seal("inbox", "receipt", _entry_place(key), plain)


def open_entry(sealer: Sealer, key: IdempotencyKey, sealed: bytes) -> InboxEntry:
    """Return what is remembered of a message; raise `SealBroken`."""
    plain = sealer.open("inbox", "receipt", _entry_place(key), sealed)
    digest, _, receipt = plain.partition(_AFTER_DIGEST)
    return InboxEntry(digest.decode(), receipt)


def seal_quarantined(sealer: Sealer, item: tuple[str, str, str], content: bytes) -> bytes:
    """Return the raw content of an item given by source, digest as stored, reason, sealed."""
    return sealer.seal(_QUARANTINE, "content", _place(*item), content)


def open_quarantined(sealer: Sealer, item: tuple[str, str, str], sealed: bytes) -> bytes:
    """Return the raw content of such an item; raise `SealBroken`."""
    return sealer.open(_QUARANTINE, "content", _place(*item), sealed)


def reseal_body(sealer: Sealer, *, kind: str, peer: str, number: str, body: bytes) -> bytes:
    """Return the body of a message in the outbox, sealed again."""
    return sealer.seal("outbox", "body", _place(kind, peer, number), body)


def seal_text(sealer: Sealer, key: str, seq: int, text: str) -> bytes:
    """Return what was written with an entry of a case's history, sealed for that entry."""
    return sealer.seal("entry_texts", "body", _place(key, str(seq)), text.encode())


def open_text(sealer: Sealer, key: str, seq: int, sealed: bytes) -> str:
    """Return what was written with such an entry; raise `SealBroken`."""
    return sealer.open("entry_texts", "body", _place(key, str(seq)), sealed).decode()


def seal_directory(sealer: Sealer, row: tuple[int, int, str, str, int], body: bytes) -> bytes:
    """Return what is kept of a version of the agency directory, sealed for its row as it stands."""
    return sealer.seal("directory_versions", "body", _hash_of(row), body)


def open_directory(sealer: Sealer, row: tuple[int, int, str, str, int], sealed: bytes) -> bytes:
    """Return what is kept of such a version; raise `SealBroken`."""
    return sealer.open("directory_versions", "body", _hash_of(row), sealed)


def seal_statement(sealer: Sealer, day: str, line: str, said: bytes) -> bytes:
    """Return what a statement of a day says under a line, sealed for both."""
    return sealer.seal("statement_lines", "entries", _place(day, line), said)


def open_statement(sealer: Sealer, day: str, line: str, sealed: bytes) -> bytes:
    """Return what a statement says under a line; raise `SealBroken`."""
    return sealer.open("statement_lines", "entries", _place(day, line), sealed)


def seal_ledger_entry(sealer: Sealer, entry: tuple[int, str, str]) -> bytes:
    """Return a seal that fits this instant, step and actor of `ledger_history` and no others."""
    return sealer.seal("ledger_history", "seal", _hash_of(entry), b"")


def check_ledger_entry(sealer: Sealer, entry: tuple[int, str, str], seal: bytes) -> None:
    """Raise `SealBroken` where the seal is not of this entry."""
    sealer.open("ledger_history", "seal", _hash_of(entry), seal)


def seal_reason(sealer: Sealer, entry: tuple[int | str, ...], reason: str) -> bytes:
    """Return why personal data were shown in full, sealed for its entry of `disclosures`."""
    return sealer.seal("disclosures", "reason", _hash_of(entry), reason.encode())


def open_reason(sealer: Sealer, entry: tuple[int | str, ...], sealed: bytes) -> str:
    """Return the reason of such an entry; raise `SealBroken` where any of it was altered."""
    return sealer.open("disclosures", "reason", _hash_of(entry), sealed).decode()


def seal_decision(sealer: Sealer, decision: tuple[object, ...], reason: str) -> bytes:
    """Return the reason of a decision on an edition, sealed for the other columns of its row."""
    return sealer.seal("table_decisions", "reason", _hash_of(decision), reason.encode())


def open_decision(sealer: Sealer, decision: tuple[object, ...], sealed: bytes) -> str:
    """Return the reason of such a decision; raise `SealBroken` where a column was altered."""
    return sealer.open("table_decisions", "reason", _hash_of(decision), sealed).decode()


def _entry_place(key: IdempotencyKey) -> str:
    return _place(key.source, key.key, key.kind, str(key.revision))


def _row_place(row: CaseRow) -> str:
    return _place(str(row.key), _hash_of(tuple(row)))


def _hash_of(values: tuple[object, ...]) -> str:
    """Return a hash of a plain tuple: it is written as a JSON array, a named one is refused."""
    return hashlib.sha256(orjson.dumps(values)).hexdigest()


def _place(*parts: str) -> str:
    return "\x1f".join(parts)
