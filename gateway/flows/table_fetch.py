"""取得代码表、区划: what the national side offers is stored as a proposal (待定), never in force.

The whole of it is fetched and judged before anything is stored, so that a death on the way leaves
what there was. What comes again is a repeat; what comes in the place of a proposal that nobody
decided on takes its place, so one a kind is kept at most, whatever the national side sends.
"""

import asyncio
from dataclasses import dataclass
from typing import Final

from gateway.domain.fetched_tables import CodeTableParts, DivisionPages, TableFault
from gateway.domain.table_decisions import FetchedMark
from gateway.domain.table_editions import SHIPPED, Edition, EditionRef, TableKind
from gateway.domain.table_overlay import as_stored, code_tables_under, division_tree_under
from gateway.errors import TablesUnfit
from gateway.flows.failpoints import Failpoint, FailpointHook, no_hook
from gateway.ports.leadership import LeaderLease
from gateway.ports.ledger import Ledger
from gateway.ports.store import Store
from gateway.ports.table_source import TableSource
from schemas.reference.clock import Now

MOST_PAGES: Final = 200
"""Of divisions: pages of 300 each, where up to 1000 are allowed, hold the longest table."""


@dataclass(frozen=True, slots=True)
class FetchedTables:
    """What was fetched; `new` where it is another edition than what was fetched before."""

    edition: EditionRef
    new: bool


async def fetch_tables(
    kind: TableKind,
    source: TableSource,
    *,
    store: Store,
    now: Now,
    lease: LeaderLease | None = None,
    hook: FailpointHook = no_hook,
) -> FetchedTables:
    """Fetch the tables of a kind and store them as a proposal; with a `lease`, as the leader only.

    Raises:
        TablesUnfit: They break a rule; nothing was stored.
        PeerUnavailable, PeerRefused: The national side; nothing was stored.
        LeaseLost: Another process leads now; nothing was stored.
        StoreUnavailable: Nothing was stored, or that is unknown; do it again.
    """
    match kind:
        case TableKind.CODES:
            parts = await _all_parts(source, hook)
            edition = await asyncio.to_thread(parts.edition)
        case TableKind.DIVISIONS:
            pages = await _all_pages(source, hook)
            edition = await asyncio.to_thread(pages.edition)
    ref = await asyncio.to_thread(_judged_as_a_whole, edition)
    at = now()

    def work(ledger: Ledger) -> FetchedTables:
        if lease is not None:
            ledger.leadership.ensure_held(lease)
        tables = ledger.table_editions
        before = tables.fetched(kind)
        is_new = before is None or before.edition != ref
        if ref.digest != SHIPPED:
            tables.add(edition, at)
        since = at if before is None or is_new else before.since
        tables.note_fetched(FetchedMark(ref, since, at))
        if before is not None and is_new:
            tables.drop(before.edition)
        hook(Failpoint.PROPOSAL_WRITTEN)
        return FetchedTables(ref, is_new)

    fetched = await store.transact(work)
    hook(Failpoint.PROPOSAL_STORED)
    return fetched


async def _all_parts(source: TableSource, hook: FailpointHook) -> CodeTableParts:
    parts = CodeTableParts()
    more = True
    while more:  # no part has a number beyond 200
        answer = await source.code_tables(parts.part)
        hook(Failpoint.TABLES_PAGE_FETCHED)
        more = parts.add(answer)
    return parts


async def _all_pages(source: TableSource, hook: FailpointHook) -> DivisionPages:
    pages = DivisionPages()
    for _ in range(MOST_PAGES):
        page = await source.divisions(pages.after)
        hook(Failpoint.TABLES_PAGE_FETCHED)
        if not pages.add(page):
            return pages
    raise TablesUnfit(TableFault.TOO_MANY)


def _judged_as_a_whole(edition: Edition) -> EditionRef:
    """Return how an edition is stored; raise `TablesUnfit` where it could never be in force."""
    match edition.ref.kind:
        case TableKind.CODES:
            code_tables_under(edition)
        case TableKind.DIVISIONS:
            division_tree_under(edition)
    return as_stored(edition.ref)
