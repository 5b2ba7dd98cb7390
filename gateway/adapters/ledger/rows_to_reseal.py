"""待换行: rows with sealed columns, each read as it stands and brought under today's keys."""

from typing import NamedTuple, Protocol

from gateway.adapters.ledger.case_rows import CaseRow
from gateway.adapters.ledger.inbox import read_entry
from gateway.adapters.ledger.quarantine import stored_digest
from gateway.adapters.ledger.seals import (
    check_case,
    check_ledger_entry,
    open_body,
    open_content,
    open_decision,
    open_directory,
    open_quarantined,
    open_reason,
    open_subject,
    open_text,
    reseal_body,
    seal_case,
    seal_content,
    seal_decision,
    seal_directory,
    seal_entry,
    seal_ledger_entry,
    seal_quarantined,
    seal_reason,
    seal_subject,
    seal_text,
)
from gateway.ports.inbox import IdempotencyKey
from gateway.ports.quarantine import LEDGER
from gateway.ports.sealed_rows import RowMark
from schemas.records.canonical_form import bytes_digest
from storage.sealing import Sealer
from storage.session import Row


class RowToReseal(Protocol):
    """A row with sealed columns, unchecked."""

    @property
    def mark(self) -> RowMark:
        """Its primary key."""
        ...

    def resealed(self, sealer: Sealer) -> Row:
        """Return the values of the statement that replaces its seals.

        Raises:
            SealBroken: It was altered or moved, or its key is not loaded.
            DAMAGED: Its columns hold what no program writes.
        """
        ...


class CaseToReseal(NamedTuple):
    """A row of `cases` as it stands, and its seal."""

    row: CaseRow
    seal: bytes

    @property
    def mark(self) -> RowMark:
        """Its primary key."""
        return (self.row.key,)

    def resealed(self, sealer: Sealer) -> Row:
        """Return what replaces its seals; see `RowToReseal`."""
        check_case(sealer, self.row, self.seal)  # an altered row keeps the seal that shows it
        return seal_case(sealer, self.row), self.row.key


def case_to_reseal(row: Row) -> CaseToReseal:
    """Return a row of `cases_to_reseal`."""
    *columns, seal = row
    return CaseToReseal(CaseRow._make(columns), seal)


class ContentToReseal(NamedTuple):
    """A row of `contents`."""

    id: int
    key: str
    subject: bytes | None
    content: bytes

    @property
    def mark(self) -> RowMark:
        """Its primary key."""
        return (self.id,)

    def resealed(self, sealer: Sealer) -> Row:
        """Return what replaces its seals; see `RowToReseal`."""
        person = None if self.subject is None else open_subject(sealer, self.key, self.subject)
        return (
            sealer.epoch,
            None if person is None else sealer.hashes.index(person),
            None if person is None else seal_subject(sealer, self.key, person),
            seal_content(sealer, self.key, open_content(sealer, self.key, self.content)),
            self.id,
        )


class BodyToReseal(NamedTuple):
    """A row of `outbox`: its place and its body."""

    id: int
    kind: str
    peer: str
    number: str
    body: bytes

    @property
    def mark(self) -> RowMark:
        """Its primary key."""
        return (self.id,)

    def resealed(self, sealer: Sealer) -> Row:
        """Return what replaces its seals; see `RowToReseal`."""
        kind, peer, number = self.kind, self.peer, self.number
        plain = open_body(sealer, kind=kind, peer=peer, number=number, sealed=self.body)
        return reseal_body(sealer, kind=kind, peer=peer, number=number, body=plain), self.id


class ItemToReseal(NamedTuple):
    """A row of `quarantine`: its place and its content."""

    id: int
    source: str
    digest: str
    reason: str
    content: bytes

    @property
    def mark(self) -> RowMark:
        """Its primary key."""
        return (self.id,)

    def resealed(self, sealer: Sealer) -> Row:
        """Return what replaces its seals; see `RowToReseal`."""
        source, reason = self.source, self.reason
        content = open_quarantined(sealer, (source, self.digest, reason), self.content)
        plain = self.digest if source == LEDGER else bytes_digest(content)
        digest = stored_digest(sealer, source, plain)
        seal = seal_quarantined(sealer, (source, digest, reason), content)
        return digest, seal, self.id, source, reason


class EntryToReseal(NamedTuple):
    """A row of `inbox`."""

    source: str
    key: str
    kind: str
    revision: int
    digest: str
    receipt: bytes

    @property
    def mark(self) -> RowMark:
        """Its primary key."""
        return self.source, self.key, self.kind, self.revision

    def resealed(self, sealer: Sealer) -> Row:
        """Return what replaces its seals; see `RowToReseal`."""
        identity = IdempotencyKey(self.source, self.key, self.kind, self.revision)
        entry = read_entry(sealer, identity, tuple(self))
        return "", seal_entry(sealer, identity, entry), *self.mark


class LedgerEntryToReseal(NamedTuple):
    """A row of `ledger_history`."""

    id: int
    at: int
    step: str
    actor: str
    seal: bytes

    @property
    def mark(self) -> RowMark:
        """Its primary key."""
        return (self.id,)

    def resealed(self, sealer: Sealer) -> Row:
        """Return what replaces its seals; see `RowToReseal`."""
        check_ledger_entry(sealer, (self.at, self.step, self.actor), self.seal)
        return seal_ledger_entry(sealer, (self.at, self.step, self.actor)), self.id


class DisclosureToReseal(NamedTuple):
    """A row of `disclosures`."""

    seq: int
    at: int
    actor: str
    act: str
    persons: int
    reason: bytes

    @property
    def mark(self) -> RowMark:
        """Its primary key."""
        return (self.seq,)

    def resealed(self, sealer: Sealer) -> Row:
        """Return what replaces its seals; see `RowToReseal`."""
        entry = (self.seq, self.at, self.actor, self.act, self.persons)
        reason = open_reason(sealer, entry, self.reason)
        return seal_reason(sealer, entry, reason), self.seq


class EntryTextToReseal(NamedTuple):
    """A row of `entry_texts`."""

    key: str
    seq: int
    body: bytes

    @property
    def mark(self) -> RowMark:
        """Its primary key."""
        return self.key, self.seq

    def resealed(self, sealer: Sealer) -> Row:
        """Return what replaces its seals; see `RowToReseal`."""
        text = open_text(sealer, self.key, self.seq, self.body)
        return seal_text(sealer, self.key, self.seq, text), *self.mark


class DirectoryToReseal(NamedTuple):
    """A row of `directory_versions`."""

    number: int
    made_at: int
    valid_from: str
    made_by: str
    agencies: int
    body: bytes

    @property
    def mark(self) -> RowMark:
        """Its primary key."""
        return (self.number,)

    def resealed(self, sealer: Sealer) -> Row:
        """Return what replaces its seals; see `RowToReseal`."""
        plain = self.number, self.made_at, self.valid_from, self.made_by, self.agencies
        return seal_directory(sealer, plain, open_directory(sealer, plain, self.body)), self.number


class DecisionToReseal(NamedTuple):
    """A row of `table_decisions`."""

    kind: str
    no: int
    step: str
    digest: str
    from_day: str | None
    at: int
    actor: str
    reason: bytes

    @property
    def mark(self) -> RowMark:
        """Its primary key."""
        return self.kind, self.no

    def resealed(self, sealer: Sealer) -> Row:
        """Return what replaces its seals; see `RowToReseal`."""
        columns = self[:-1]
        reason = open_decision(sealer, columns, self.reason)
        return seal_decision(sealer, columns, reason), *self.mark
