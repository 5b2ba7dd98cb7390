"""代码表、行政区划下载: all of it comes in parts and pages, as shipped or as rehearsed."""

from datetime import date

from contracts.verify.schema_validator import SchemaValidator
from schemas.records.table_records import code_table_records, division_records
from schemas.records.tables import CodeTable, CodeTableList, DivisionPage, DivisionRow
from schemas.reference.codes import CodeTables
from schemas.reference.divisions import DivisionTree
from tests.integration.simulator.docking import Docked, ProvinceSystem

CODE_TABLES, DIVISIONS = "/national/v1/code-tables", "/national/v1/divisions"
VALIDATOR = SchemaValidator.load()
ON = date(2027, 1, 1)


async def all_tables(system: ProvinceSystem) -> tuple[CodeTable, ...]:
    """Fetch every part of the code tables."""
    found: list[CodeTable] = []
    parts = 1
    while len(found) < parts:
        reply = await system.get(f"{CODE_TABLES}?part={len(found) + 1}")
        assert VALIDATOR.check("code-table-list", reply.body) == ()
        answer = CodeTableList.read(reply.body)
        assert answer.part == len(found) + 1
        found, parts = [*found, *answer.tables], answer.parts or 0
    return tuple(found)


async def all_divisions(system: ProvinceSystem) -> tuple[DivisionRow, ...]:
    """Fetch every page of the divisions."""
    found: list[DivisionRow] = []
    more = True
    while more:
        after = f"?after={found[-1].code}" if found else ""
        page = DivisionPage.read((await system.get(f"{DIVISIONS}{after}")).body)
        found, more = [*found, *page.divisions], page.more
    return tuple(found)


async def test_what_is_shipped_comes_whole_and_as_the_contract_publishes_it(here: Docked) -> None:
    assert await all_tables(here.henan) == code_table_records(CodeTables.load())
    assert await all_divisions(here.henan) == division_records(DivisionTree.load())


async def test_without_a_part_all_come_as_in_1_0_and_beyond_the_last_none(here: Docked) -> None:
    whole = CodeTableList.read((await here.henan.get(CODE_TABLES)).body)
    assert (whole.part, whole.parts, len(whole.tables)) == (None, None, 41)

    beyond = await here.henan.get(f"{CODE_TABLES}?part=42")
    assert (beyond.status, beyond.code()) == (400, "query.invalid")


async def test_what_is_no_code_is_no_place_to_begin_and_after_the_last_nothing_comes(
    here: Docked,
) -> None:
    for odd in ("41", "abcdef", "", "%EF%BC%94%EF%BC%91000000"):
        reply = await here.henan.get(f"{DIVISIONS}?after={odd}")
        assert (reply.status, reply.code()) == (400, "query.invalid")

    page = DivisionPage.read((await here.henan.get(f"{DIVISIONS}?after=999999")).body)
    assert (page.divisions, page.more) == ((), False)


async def test_a_rehearsal_changes_what_it_says_on_its_day_and_nothing_else(here: Docked) -> None:
    # Given an edition to rehearse with
    offered = await here.control.put("tables", {"edition": "rehearsal", "on": ON.isoformat()})
    rehearsal = offered["rehearsal"]
    assert isinstance(rehearsal, dict)

    # Then two divisions differ from what is shipped, and two channels
    shipped = {row.code: row for row in division_records(DivisionTree.load())}
    changed = {
        row.code: row for row in await all_divisions(here.henan) if shipped.get(row.code) != row
    }
    new, merged = str(rehearsal["new_county"]), str(rehearsal["merged_county"])
    assert set(changed) == {new, merged}
    assert changed[new].valid_from == ON
    assert (changed[merged].valid_to, changed[merged].replaced_by) == (ON, new)
    tables = {(one.table, one.generation): one for one in await all_tables(here.henan)}
    of_shipped = {(one.table, one.generation): one for one in code_table_records(CodeTables.load())}
    assert [key for key, one in tables.items() if of_shipped[key] != one] == [("channel", None)]

    # And people of the new county can file
    assert len(await here.control.file(1, new)) == 1

    # And a reset offers what is shipped again
    await here.control.post("reset", {})
    assert await all_divisions(here.henan) == division_records(DivisionTree.load())
