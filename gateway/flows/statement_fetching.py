"""对账单下载: the parts of a statement, each kept once it was checked, until they are all there.

A part is kept in a transaction of its own: after a death the next part is asked for. A statement is
used as a whole or not at all, so nothing is concluded before totals and digest hold.
"""

from dataclasses import replace
from datetime import date
from functools import partial
from typing import Final

from gateway.domain.statement_checks import (
    Expected,
    StatementFault,
    StatementNotUsed,
    WholeStatement,
    check_part,
    entries_by_line,
    header_of,
)
from gateway.domain.statement_line import Line
from gateway.flows.failpoints import Failpoint
from gateway.flows.reconciling_step import ReconcilingTerms, in_hand
from gateway.ports.leadership import LeaderLease
from gateway.ports.ledger import Ledger
from gateway.ports.reconciliations import Phase, Reconciliation
from gateway.ports.views import Views
from schemas.records.statements import Statement, StatementEntry
from storage.errors import SealBroken

_LINES_AT_ONCE: Final = 1000


async def fetch_part(
    one: Reconciliation, lease: LeaderLease, terms: ReconcilingTerms
) -> Reconciliation:
    """Fetch and keep the next part; with the last one, check the whole and go on to compare.

    Raises:
        StatementNotUsed: Why the statement is not used; what was kept of it is let go of.
        PeerUnavailable, PeerRefused: The national side; what was kept stays.
        LeaseLost, StoreUnavailable: Nothing was kept.
    """
    if one.header is None and one.parts:
        raise StatementNotUsed(StatementFault.LOST)
    number = one.parts + 1
    if one.header is not None and number > one.header.parts:
        await _check_whole(one.day, one.header, terms)
        return await _save(replace(one, phase=Phase.COMPARING, reason=None), lease, terms)
    part = await terms.statements.fetch_statement(one.day, part=number)
    terms.hook(Failpoint.STATEMENT_RECEIVED)
    check_part(part, number, Expected(one.day, terms.areas, terms.now()), one.header)
    return await _keep(one, part, lease, terms)


async def _keep(
    one: Reconciliation, part: Statement, lease: LeaderLease, terms: ReconcilingTerms
) -> Reconciliation:
    at = terms.now()

    def work(ledger: Ledger) -> Reconciliation:
        stored = in_hand(ledger, lease, one.day, one.run, at)
        lines = sorted({str(Line.of(entry)) for entry in part.entries})
        try:
            kept = ledger.reconciliations.kept(one.day, lines)
        except SealBroken as exc:
            raise StatementNotUsed(StatementFault.LOST) from exc
        ledger.reconciliations.keep(one.day, entries_by_line(part.entries, kept))
        header = stored.header or header_of(part)
        further = replace(stored, header=header, parts=part.part, reason=None, changed_at=at)
        ledger.reconciliations.save(further)
        terms.hook(Failpoint.STATEMENT_WRITTEN)
        return further

    further = await terms.store.transact(work, durable=False)
    terms.hook(Failpoint.STATEMENT_STORED)
    return further


async def _check_whole(day: date, header: Statement, terms: ReconcilingTerms) -> None:
    """Go through all lines once, a page at a time, and check totals and digest."""
    whole = WholeStatement()
    after = ""
    while True:
        page = await terms.store.read(partial(_page, day=day, after=after))
        whole.add(page)
        if len(page) < _LINES_AT_ONCE:
            break
        after = page[-1][0]
    whole.check(header)


def _page(views: Views, day: date, after: str) -> list[tuple[str, tuple[StatementEntry, ...]]]:
    try:
        return views.reconciling.statement(day, after=after, limit=_LINES_AT_ONCE)
    except SealBroken as exc:
        raise StatementNotUsed(StatementFault.LOST) from exc


async def _save(one: Reconciliation, lease: LeaderLease, terms: ReconcilingTerms) -> Reconciliation:
    at = terms.now()

    def work(ledger: Ledger) -> Reconciliation:
        in_hand(ledger, lease, one.day, one.run, at)
        further = replace(one, changed_at=at)
        ledger.reconciliations.save(further)
        return further

    return await terms.store.transact(work, durable=False)
