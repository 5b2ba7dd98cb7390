"""核对: whether the history of a case is whole, in order, unaltered, and that of its case."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from gateway.domain.case import Case, HistoryEntry, chain_hash


class AuditCode(StrEnum):
    """What is wrong with a case or its history."""

    ENTRY_CHANGED = "entry.changed"
    """An entry is not what was written: altered, put in, or exchanged with another."""
    ENTRY_MISSING = "entry.missing"
    """An entry between others is gone."""
    TAIL_CUT = "history.cut"
    """The newest entries are gone."""
    CASE_CHANGED = "case.changed"
    """The case is not what its newest entry left, or its seal does not fit it."""
    SEAL_MISSING = "case.unsealed"
    """The case bears no seal: the seal was removed, or those of an upgrade are not made yet."""
    CASE_MISSING = "case.missing"
    """There is a history, but no case."""
    LEDGER_ENTRY_CHANGED = "ledger-entry.changed"
    """What happened to the ledger as a whole is not what was written."""
    DISCLOSURE_CHANGED = "disclosure.changed"
    """Who had persons shown in full is not what was written, or an entry is gone."""
    UNREADABLE = "row.damaged"
    """A row cannot be read."""


@dataclass(frozen=True, slots=True)
class AuditFinding:
    """One thing that is wrong; `seq` is the first entry concerned, None where it is the case."""

    key: str
    code: AuditCode
    seq: int | None = None


_FIRST: Final = 1


def examine(case: Case, history: Sequence[HistoryEntry]) -> Iterator[AuditFinding]:
    """Yield what is wrong with a case and its history, by the chain alone: the first of it."""
    broken = next(_broken_entries(case.key, history), None)
    if broken is not None:
        yield broken
        return
    if len(history) < case.version:
        yield AuditFinding(case.key, AuditCode.TAIL_CUT, len(history) + _FIRST)
    elif not history or _left_by(history[-1]) != (case.version, case.state, case.chain):
        yield AuditFinding(case.key, AuditCode.CASE_CHANGED)


def _broken_entries(key: str, history: Sequence[HistoryEntry]) -> Iterator[AuditFinding]:
    chain = ""
    for expected, entry in enumerate(history, start=_FIRST):
        if entry.seq != expected:
            yield AuditFinding(key, AuditCode.ENTRY_MISSING, expected)
        chain = chain_hash(
            chain, key, entry.seq, entry.at, entry.step, entry.state, entry.actor, entry.note
        )
        if entry.chain != chain:
            yield AuditFinding(key, AuditCode.ENTRY_CHANGED, entry.seq)


def _left_by(entry: HistoryEntry) -> tuple[int, str, str]:
    return entry.seq, entry.state, entry.chain
