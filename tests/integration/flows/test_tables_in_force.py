"""生效的表: cases are judged by the tables in force on the day of their receipt."""

import pytest

from gateway.adapters.ledger.store import LedgerStore
from gateway.domain.case import Case, State
from gateway.domain.delivery import Delivery
from gateway.domain.directory import Agency
from gateway.domain.release import ReleaseResult
from gateway.domain.routing import Unroutable
from gateway.domain.table_editions import SHIPPED, EditionRef, TableKind
from gateway.errors import EditionUnreadable
from gateway.flows.fetch import pending_dispatches
from gateway.flows.intake import ingest
from gateway.flows.release import release_held
from gateway.ports.views import WorkRow
from schemas.records.dispatches import Dispatch
from tests.builders.records import JINSHUI, application_json
from tests.builders.tables import (
    MERGED_COUNTY,
    NEW_CHANNEL,
    NEW_COUNTY,
    codes_edition,
    divisions_edition,
)
from tests.integration.conftest import Run
from tests.integration.flows.tables_desk import TablesDesk
from tests.support.clock import SettableClock
from tests.support.peers import ScriptedPortal
from tests.support.tables import ScriptedTables

ZHENGZHOU = Agency("410100-01", "郑州市公共就业服务中心", "410100", Delivery.FETCH)
FLAG = "code.unknown:channel"
AT_NEW_COUNTY = {"aab299": NEW_COUNTY, "aab301": NEW_COUNTY, "place_division": NEW_COUNTY}


@pytest.fixture
def tables(store: LedgerStore, clock: SettableClock) -> TablesDesk:
    return TablesDesk(store, clock, more=(ZHENGZHOU,))


async def received(tables: TablesDesk, number: str, **changes: object) -> Case:
    """Take an application over by the tables in force, and return its case."""
    portal = ScriptedPortal()
    portal.feed.append(application_json(application_no=number, **changes))
    await ingest(portal, store=tables.store, rules=tables.rules, now=tables.clock)
    return await the_case(tables, number)


async def the_case(tables: TablesDesk, number: str) -> Case:
    row = await tables.store.read(lambda views: views.case(number))
    assert isinstance(row, WorkRow)
    return row.case


async def test_a_code_in_no_table_stays_raw_is_flagged_and_is_known_once_it_is_adopted(
    tables: TablesDesk,
) -> None:
    # Given an application with a channel that no table has
    raw = application_json(application_no="SQ1", channel=NEW_CHANNEL)
    first = await received(tables, "SQ1", channel=NEW_CHANNEL)

    # Then it is kept byte for byte, flagged by table, and dispatched all the same
    assert await tables.store.read(lambda views: views.contents(["SQ1"])) == {"SQ1": raw}
    assert first.findings == (FLAG,)
    assert (first.state, first.agency) == (State.ACCEPTED, JINSHUI)

    # When an operator puts tables in force that have it, from tomorrow
    edition = await tables.store_edition(codes_edition())
    await tables.decide(edition, tables.day(1))
    await tables.rules.refresh()

    # Then those until midnight in Beijing are flagged, later ones not, and the old finding stays
    tables.clock.forward(hours=14, minutes=29, seconds=59)
    assert (await received(tables, "SQ2", channel=NEW_CHANNEL)).findings == (FLAG,)
    tables.clock.forward(seconds=1)
    assert (await received(tables, "SQ3", channel=NEW_CHANNEL)).findings == ()
    assert (await the_case(tables, "SQ1")).findings == (FLAG,)


async def test_a_case_held_for_an_unknown_division_is_dispatched_once_the_division_is_adopted(
    tables: TablesDesk,
) -> None:
    # Given a case of a county that no table has: it is held, nothing is guessed from its digits
    case = await received(tables, "SQ1", **AT_NEW_COUNTY)
    assert (case.state, case.hold_reason) == (State.HELD, Unroutable.UNKNOWN_PLACE)

    # When the table that has it is put in force, and an operator releases the case
    edition = await tables.store_edition(divisions_edition())
    await tables.decide(edition, tables.today)
    await tables.rules.refresh()
    (done,) = await release_held(
        ["SQ1"], operator="李敏", store=tables.store, rules=tables.rules, now=tables.clock
    )

    # Then it goes to the agency above, which the table names and no digits
    assert (done.result, done.agency) == (ReleaseResult.RELEASED, ZHENGZHOU.code)
    dispatches, _ = await pending_dispatches(ZHENGZHOU.code, store=tables.store, limit=9)
    assert [Dispatch.read(one).application.application_no for one in dispatches] == ["SQ1"]
    assert (await received(tables, "SQ2", **AT_NEW_COUNTY)).agency == ZHENGZHOU.code


async def test_every_process_takes_a_decision_up_by_itself_and_at_midnight_of_beijing(
    tables: TablesDesk,
) -> None:
    # Given two processes at 09:30 in Beijing, one of which was there before the decision
    edition = await tables.store_edition(codes_edition())
    early, late = tables.rules, tables.a_process()
    await early.refresh()
    await tables.decide(edition, tables.day(1))
    await early.refresh()
    await late.refresh()

    # Then both work by it from the first moment of that day in Beijing, reading nothing more
    tables.clock.forward(hours=14, minutes=29, seconds=59)
    for process in (early, late):
        assert not process.on(tables.today).tables.known("channel", NEW_CHANNEL)
    tables.clock.forward(seconds=1)
    for process in (early, late):
        assert process.on(tables.today).tables.known("channel", NEW_CHANNEL)


async def test_a_refresh_that_finds_nothing_new_keeps_what_was_read_before(
    tables: TablesDesk,
) -> None:
    edition = await tables.store_edition(codes_edition())
    await tables.decide(edition, tables.today)
    await tables.rules.refresh()
    before = tables.rules.on(tables.today)

    await tables.rules.refresh()

    assert tables.rules.on(tables.today) is before


async def test_a_merged_county_goes_to_its_successor_from_the_day_of_the_table(
    tables: TablesDesk,
) -> None:
    edition = await tables.store_edition(divisions_edition())
    await tables.decide(edition, tables.day(1))
    await tables.rules.refresh()

    on = tables.rules.on
    assert on(tables.today).tree.ancestors_in_force(MERGED_COUNTY, tables.today)[0] == MERGED_COUNTY
    tomorrow = tables.day(1)
    assert on(tomorrow).tree.ancestors_in_force(MERGED_COUNTY, tomorrow)[0] == NEW_COUNTY


async def test_an_edition_whose_rows_were_altered_changes_nothing_that_is_in_force(
    tables: TablesDesk, sql: Run
) -> None:
    edition = await tables.store_edition(codes_edition())
    await tables.decide(edition, tables.today)
    sql("UPDATE table_editions SET body = ?", b"\x00")

    with pytest.raises(EditionUnreadable, match=edition.name):
        await tables.rules.refresh()

    assert not tables.rules.on(tables.today).tables.known("channel", NEW_CHANNEL)


async def test_the_edition_in_force_and_the_age_of_a_proposal_are_figures(
    tables: TablesDesk,
) -> None:
    await tables.fetch(TableKind.DIVISIONS, ScriptedTables())
    edition = await tables.store_edition(codes_edition())
    await tables.decide(edition, tables.today)
    tables.clock.forward(hours=2)
    await tables.rules.refresh()

    shown = tables.metrics.exposition().decode()
    assert f'duijie_tables_in_force{{edition="{edition.digest}",kind="codes"}} 1.0' in shown
    version_0 = EditionRef(TableKind.DIVISIONS, SHIPPED)
    assert f'duijie_tables_in_force{{edition="{version_0.digest}",kind="divisions"}} 1.0' in shown
    assert 'duijie_table_proposal_age_seconds{kind="divisions"} 7200.0' in shown
    assert 'duijie_table_proposal_age_seconds{kind="codes"} 0.0' in shown
