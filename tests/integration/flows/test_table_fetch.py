"""取得代码表、区划: what was fetched is a proposal, kept once, and never in force by itself."""

from collections.abc import Callable, Mapping
from typing import Final

import pytest

from gateway.adapters.ledger.store import LedgerStore, open_ledger
from gateway.domain.fetched_tables import TableFault
from gateway.domain.table_decisions import DecisionResult, edition_on
from gateway.domain.table_editions import SHIPPED, EditionRef, TableKind
from gateway.errors import LeaseLost, PeerUnavailable, TablesUnfit
from gateway.flows.failpoints import Failpoint
from gateway.flows.maintenance import lead
from gateway.flows.table_fetch import MOST_PAGES, fetch_tables
from schemas.records.tables import DivisionPage
from tests.builders.ledger import a_sealer
from tests.builders.tables import (
    a_code,
    codes_edition,
    divisions_edition,
    pages,
    second_codes,
    shipped_divisions,
    with_code,
)
from tests.integration.flows.tables_desk import TablesDesk
from tests.support.clock import SettableClock
from tests.support.failpoints import FETCHING_TABLES
from tests.support.killed import run_until_killed
from tests.support.tables import ScriptedTables

CODES, DIVISIONS = TableKind.CODES, TableKind.DIVISIONS
SUBJECT = "tests.integration.flows.tables_subject"


@pytest.fixture
def tables(store: LedgerStore, clock: SettableClock) -> TablesDesk:
    return TablesDesk(store, clock)


async def test_fetched_tables_are_a_proposal_and_nothing_is_in_force_by_them(
    tables: TablesDesk,
) -> None:
    # When both kinds are fetched, the divisions in fourteen pages
    source = ScriptedTables(second_codes())
    codes = await tables.fetch(CODES, source)
    divisions = await tables.fetch(DIVISIONS, source)

    # Then they wait, as the editions that their rows are
    assert (codes.edition, codes.new) == (codes_edition().ref, True)
    assert (divisions.edition, divisions.new) == (divisions_edition().ref, True)
    assert len(source.calls) == 41 + 14
    for kind, ref in ((CODES, codes.edition), (DIVISIONS, divisions.edition)):
        standing = await tables.standing(kind)
        assert standing.waiting is not None
        assert standing.waiting.edition == ref
        assert edition_on(standing.planned, kind, tables.today) == EditionRef(kind, SHIPPED)

    # And what is stored is what came
    stored = await tables.store.read(lambda views: views.table_edition(divisions.edition))
    assert stored == divisions_edition()


async def test_the_same_tables_again_are_a_repeat_that_is_as_old_as_the_first(
    tables: TablesDesk,
) -> None:
    await tables.fetch(CODES, ScriptedTables(second_codes()))
    first = await tables.waiting(CODES)
    tables.clock.forward(days=1)

    again = await tables.fetch(CODES, ScriptedTables(second_codes()))

    waiting = await tables.waiting(CODES)
    assert not again.new
    assert first is not None
    assert waiting is not None
    assert waiting.since == first.since
    assert waiting.seen_at == tables.clock()
    assert await tables.editions(CODES) == 1


async def test_tables_as_shipped_are_no_proposal(tables: TablesDesk) -> None:
    fetched = await tables.fetch(DIVISIONS, ScriptedTables(divisions=shipped_divisions()))

    assert fetched.edition == EditionRef(DIVISIONS, SHIPPED)
    assert await tables.waiting(DIVISIONS) is None
    assert await tables.editions(DIVISIONS) == 0


async def test_of_proposals_that_nobody_decided_on_one_is_kept_however_many_come(
    tables: TablesDesk,
) -> None:
    for number in range(4):
        listed = with_code("channel", a_code(f"9{number}"))
        await tables.fetch(CODES, ScriptedTables(listed))

    waiting = await tables.waiting(CODES)
    assert waiting is not None
    assert waiting.edition == codes_edition(with_code("channel", a_code("93"))).ref
    assert await tables.editions(CODES) == 1


async def test_an_edition_that_was_decided_on_is_kept_when_another_comes(
    tables: TablesDesk,
) -> None:
    first = await tables.fetch(CODES, ScriptedTables(second_codes()))
    await tables.decide(first.edition, tables.today)

    await tables.fetch(CODES, ScriptedTables(with_code("channel", a_code("93"))))

    assert await tables.editions(CODES) == 2
    assert await tables.store.read(lambda views: views.table_edition(first.edition)) is not None


async def test_what_was_rejected_does_not_wait_again_while_it_is_all_that_comes(
    tables: TablesDesk,
) -> None:
    fetched = await tables.fetch(CODES, ScriptedTables(second_codes()))
    assert (await tables.decide(fetched.edition, None)).result is DecisionResult.DONE

    await tables.fetch(CODES, ScriptedTables(second_codes()))

    assert await tables.waiting(CODES) is None


async def test_what_was_put_in_force_for_a_while_waits_again_once_that_is_over(
    tables: TablesDesk,
) -> None:
    # Given an adoption that is undone from a later day, while the same goes on coming
    fetched = await tables.fetch(CODES, ScriptedTables(second_codes()))
    await tables.decide(fetched.edition, tables.day(1))
    await tables.decide(EditionRef(CODES, SHIPPED), tables.day(3))
    assert await tables.waiting(CODES) is None

    tables.clock.forward(days=4)
    await tables.fetch(CODES, ScriptedTables(second_codes()))

    waiting = await tables.waiting(CODES)
    assert waiting is not None
    assert waiting.edition == fetched.edition


HOSTILE: Final[Mapping[TableFault, Callable[[list[DivisionPage]], list[DivisionPage]]]] = {
    TableFault.ORDER_BROKEN: lambda all_of_them: [all_of_them[0], all_of_them[0]],
    TableFault.NOT_ADVANCING: lambda all_of_them: [
        all_of_them[0],
        DivisionPage(as_of=all_of_them[0].as_of, divisions=(), more=True),
    ],
    TableFault.PARENT_NOWHERE: lambda all_of_them: all_of_them[-1:],
}


@pytest.mark.parametrize("fault", HOSTILE)
async def test_pages_that_break_a_rule_store_nothing(tables: TablesDesk, fault: TableFault) -> None:
    source = ScriptedTables()
    source.pages = HOSTILE[fault](pages(shipped_divisions()))

    with pytest.raises(TablesUnfit) as refused:
        await tables.fetch(DIVISIONS, source)

    assert refused.value.fault == fault
    assert (await tables.standing(DIVISIONS)).fetched is None


async def test_pages_without_end_are_given_up(tables: TablesDesk) -> None:
    source = ScriptedTables()
    rows = pages(shipped_divisions(), size=1)[: MOST_PAGES + 5]
    source.pages = [one.model_copy(update={"more": True}) for one in rows]

    with pytest.raises(TablesUnfit, match="too-many"):
        await tables.fetch(DIVISIONS, source)

    assert len(source.calls) == MOST_PAGES


async def test_a_call_that_fails_between_pages_stores_nothing(tables: TablesDesk) -> None:
    source = ScriptedTables()
    source.fails_after = 1

    with pytest.raises(PeerUnavailable):
        await tables.fetch(DIVISIONS, source)

    assert (await tables.standing(DIVISIONS)).fetched is None


async def test_who_leads_no_more_stores_nothing(tables: TablesDesk) -> None:
    # Given a leader whose lease ended on the way, so that another leads
    lease = await lead(holder="a", store=tables.store, now=tables.clock, name="table-fetch")
    tables.clock.forward(minutes=10)
    await lead(holder="b", store=tables.store, now=tables.clock, name="table-fetch")
    assert lease is not None

    with pytest.raises(LeaseLost):
        await fetch_tables(
            CODES,
            ScriptedTables(second_codes()),
            store=tables.store,
            now=tables.clock,
            lease=lease,
        )

    assert (await tables.standing(CODES)).fetched is None


@pytest.mark.parametrize("kind", TableKind)
@pytest.mark.parametrize("at", FETCHING_TABLES)
async def test_a_death_while_tables_are_fetched_leaves_all_of_them_or_nothing(
    url: str, store: LedgerStore, clock: SettableClock, at: Failpoint, kind: TableKind
) -> None:
    # Given a process that dies there; on SQLite it owns the file meanwhile
    await store.close()
    await run_until_killed(SUBJECT, url, at.value, kind.value)

    # Then the whole proposal is there, or nothing of it
    after = open_ledger(url, sealer=a_sealer(), now=clock)
    desk = TablesDesk(after, clock)
    stored = at is Failpoint.PROPOSAL_STORED
    assert await desk.editions(kind) == int(stored)
    assert ((await desk.standing(kind)).fetched is not None) is stored

    # And the next fetch stores it, or finds it
    done = await desk.fetch(kind, ScriptedTables(second_codes()))
    assert done.new is not stored
    assert await desk.editions(kind) == 1
    await after.close()
