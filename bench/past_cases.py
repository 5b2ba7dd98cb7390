"""历年办件: the rows of cases that ended, as the gateway itself would have left them.

The agency's system refused each at first, an operator had it sent again, it was decided and
reported: six entries of history. Numbers, contents, chains and seals are sound: every page can
show them, an audit finds nothing.
"""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, partial
from typing import Final

from bench.bulk_rows import Table
from bench.model_case import A_STEP, ModelCase, model_case
from duijie.demo.agencies import StandIn
from gateway.adapters.ledger.history import HistoryRow
from gateway.adapters.ledger.seals import (
    seal_body,
    seal_case,
    seal_content,
    seal_entry,
    seal_subject,
)
from gateway.adapters.ledger.timestamps import iso_day, micros
from gateway.domain.case import HistoryEntry, chain_hash
from gateway.domain.deadline import due
from gateway.domain.dispatch import dispatch_number
from gateway.domain.intake_rules import Rules
from gateway.domain.outbox_rules import MessageKind
from gateway.domain.receipts import ReceiptKind, receipt
from gateway.ports import PORTAL
from gateway.ports.inbox import IdempotencyKey, InboxEntry
from gateway.ports.outbox import OutboxMessage
from schemas.records.applications import ForwardedApplication
from schemas.reference.clock import BEIJING
from schemas.reference.identity import check_character
from storage.sealing import Sealer
from storage.session import Row

FIRST_DAY: Final = date(2020, 1, 2)
"""The first cases come on it: the calendar of working days begins with that year."""
_LAST_DAY: Final = date(2026, 6, 30)
_FIRST_OPENING: Final = datetime.combine(FIRST_DAY, time(8), BEIJING).astimezone(UTC)
_DAYS: Final = (_LAST_DAY - FIRST_DAY).days
_BORN_FROM: Final = date(1962, 1, 1)
_BIRTHDAYS: Final = 15_000
_TABLES: Final = (
    "cases (key, state, version, revision, place_basis, place_division, agency, dispatch_no,"
    " dispatches, policy, submitted_at, accepted_at, changed_at, due_on, due_rule, hold_reason,"
    " findings, trace_id, chain, seal)",
    "contents (key, key_epoch, person_index, subject, content)",
    "case_history (key, seq, at, step, state, actor, note, chain)",
    "inbox (source, key, kind, revision, digest, receipt, at)",
    "outbox (kind, peer, case_key, number, revision, body, owed_at, due_at, epoch, attempts,"
    " ended_at, ended_as)",
)


class PastCases:
    """Cases `0 … total - 1` of one agency, spread evenly over the years from 2020 on.

    Each is like one of `applications` under another number, of another person.
    """

    def __init__(
        self,
        applications: Sequence[ForwardedApplication],
        agency: StandIn,
        total: int,
        *,
        rules: Rules,
        sealer: Sealer,
    ) -> None:
        self.total, self.agency, self.rules = total, agency, rules
        self._sealer = sealer
        self._models = [
            model_case(one, agency, rules=rules, at=_FIRST_OPENING) for one in applications
        ]
        self._due = cache(partial(_due_on, rules))

    def number(self, case: int) -> str:
        """Return the application number of a case, of the shape that the simulator gives."""
        return self._number(case, self._accepted_at(case))

    def tables(self, first: int, end: int) -> Iterator[Table]:
        """Yield the tables with the rows of the cases from `first` up to before `end`."""
        cases = [self._rows(number) for number in range(first, end)]
        for table, rows in zip(_TABLES, zip(*cases, strict=True), strict=True):
            yield table, [row for of_case in rows for row in of_case]

    def _rows(self, case: int) -> tuple[Sequence[Row], ...]:
        """Return the rows of one case, for each of the tables."""
        model, sealer, agency = self._model(case), self._sealer, self.agency.code
        at, person = self._accepted_at(case), _certificate(case)
        key = self._number(case, at)
        number = dispatch_number(key, 1)
        content = (
            model.content.replace(model.number.encode(), key.encode())
            .replace(model.person.encode(), person.encode())
            .replace(_wire_instant(model.accepted_at), _wire_instant(at))
        )
        head = model.head.replace(model.dispatch_no.encode(), number.encode())
        outcome = model.outcome.replace(model.number.encode(), key.encode())
        outcome = outcome.replace(model.dispatch_no.encode(), number.encode())
        history = _history(model.history, key, at)
        row = model.row._replace(
            key=key,
            dispatch_no=number,
            submitted_at=micros(at),
            accepted_at=micros(at),
            changed_at=history[-1].at,
            due_on=self._due(at.date(), model.row.policy),
            chain=history[-1].chain,
        )
        ended_at = row.changed_at
        return (
            [(*row, seal_case(sealer, row))],
            [_content_row(sealer, key, person, content)],
            history,
            [
                _inbox_row(sealer, (PORTAL, key, "application"), content, at),
                _inbox_row(sealer, (agency, key, "outcome"), outcome, at + 4 * A_STEP),
            ],
            [
                _outbox_row(sealer, _message(key, agency, number, head, at), ended_at),
                _outbox_row(sealer, _message(key, PORTAL, f"{key}:1", outcome, at), ended_at),
            ],
        )

    def _number(self, case: int, at: datetime) -> str:
        county = self._model(case).row.place_division[:6]
        return f"SYDJ{at.astimezone(BEIJING):%Y%m%d}{county}36000{case % 1_000_000:06}"

    def _model(self, case: int) -> ModelCase:
        return self._models[case % len(self._models)]

    def _accepted_at(self, case: int) -> datetime:
        """Return an instant between 8 and 18 o'clock in Beijing; they go up with the cases."""
        day, rest = divmod(case * _DAYS, self.total)
        return _FIRST_OPENING + timedelta(day, rest * 36_000 // self.total)


def _due_on(rules: Rules, day: date, policy: str) -> str:
    at = datetime.combine(day, time(), UTC)
    return iso_day(due(at, policy, province=rules.province, calendar=rules.calendar).on)


def _history(model: Sequence[HistoryEntry], key: str, accepted_at: datetime) -> list[HistoryRow]:
    """Return the history of a case like that of the model, with a chain of its own."""
    chain, rows = "", list[HistoryRow]()
    for turn, one in enumerate(model):
        at = accepted_at + turn * A_STEP
        chain = chain_hash(chain, key, one.seq, at, one.step, one.state, one.actor, one.note)
        rows.append(
            HistoryRow(key, one.seq, micros(at), one.step, one.state, one.actor, one.note, chain)
        )
    return rows


def _certificate(case: int) -> str:
    """Return the number of nobody (sequence 000), another one for each case."""
    turn, birthday = divmod(case * 7_919, _BIRTHDAYS)  # a prime: no two cases have both alike
    born = _BORN_FROM + timedelta(days=birthday)
    first_17 = f"{410_000 + turn % 10_000:06}{born:%Y%m%d}000"
    return first_17 + check_character(first_17)


def _content_row(sealer: Sealer, key: str, person: str, content: bytes) -> Row:
    index, subject = sealer.hashes.index(person), seal_subject(sealer, key, person)
    return (key, sealer.epoch, index, subject, seal_content(sealer, key, content))


def _inbox_row(
    sealer: Sealer, identity: tuple[str, str, ReceiptKind], content: bytes, at: datetime
) -> Row:
    digest = hashlib.sha256(content).hexdigest()
    given = receipt(*identity, revision=1, digest=digest, at=at)
    sealed = seal_entry(sealer, IdempotencyKey(*identity, 1), InboxEntry(digest, given))
    return (*identity, 1, "", sealed, micros(at))


def _message(key: str, peer: str, number: str, body: bytes, at: datetime) -> OutboxMessage:
    kind = MessageKind.REPORT if peer == PORTAL else MessageKind.DISPATCH
    return OutboxMessage(kind, peer, key, number, 1, body, at)


def _outbox_row(sealer: Sealer, one: OutboxMessage, ended_at: int) -> Row:
    since = micros(one.due_at)
    return (
        *(one.kind.value, one.peer, one.key, one.number, one.revision, seal_body(sealer, one)),
        *(since, since, 1, 1, ended_at, "settled"),
    )


def _wire_instant(at: datetime) -> bytes:
    return at.isoformat().replace("+00:00", "Z").encode()
