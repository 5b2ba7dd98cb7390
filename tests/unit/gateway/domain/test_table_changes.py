"""版本的差异: every kind of change is told, closed lists apart, and what follows from it."""

from datetime import date

import pytest

from gateway.domain.delivery import Delivery
from gateway.domain.directory import Agency, AgencyDirectory
from gateway.domain.division_changes import (
    DivisionChangeKind,
    EndingAgency,
    OpenPlace,
    consequences,
    division_changes,
)
from gateway.domain.table_changes import CodeChange, CodeChangeKind, code_changes
from gateway.domain.table_overlay import division_tree_under
from schemas.records import agencies, deregistrations, outcomes, returns
from schemas.records.closed_lists import CLOSED_LISTS
from schemas.records.listed_code import ListedCode
from schemas.records.tables import CodeRow, CodeTable, DivisionRow
from schemas.reference.codes import CodeTables
from schemas.reference.divisions import DivisionTree
from tests.builders.tables import (
    MERGED_COUNTY,
    MERGED_ON,
    NEW_COUNTY,
    a_code,
    divisions_edition,
    second_divisions,
    shipped_codes,
    shipped_divisions,
    the_division,
    with_code,
)

TABLES = CodeTables.load()
TREE = DivisionTree.load()
WEB = TABLES.get("channel", "31")
assert WEB is not None


def the_code(**changes: object) -> CodeRow:
    """Return 全国统一入口网页 as shipped, changed."""
    assert WEB is not None
    row = CodeRow(code=WEB.code, name=WEB.name, source=WEB.source, certainty=WEB.certainty)
    return row.model_copy(update=changes)


def test_what_is_shipped_changes_nothing() -> None:
    assert code_changes(TABLES, shipped_codes()) == ()
    assert division_changes(TREE, division_tree_under(divisions_edition(shipped_divisions()))) == ()


@pytest.mark.parametrize(
    ("row", "kind", "before", "after"),
    [
        (a_code("77", name="演练"), CodeChangeKind.ADDED, "", "演练"),
        (the_code(name="统一入口"), CodeChangeKind.RENAMED, "全国统一入口网页", "统一入口"),
        (the_code(valid_to=date(2026, 6, 1)), CodeChangeKind.ENDED, "", "2026-06-01"),
        (the_code(valid_from=date(2026, 6, 1)), CodeChangeKind.DATED, "", "2026-06-01"),
        (the_code(replaced_by="32"), CodeChangeKind.REPLACED, "", "32"),
        (the_code(source="新"), CodeChangeKind.SOURCED, WEB.source, "新"),
    ],
)
def test_a_change_of_a_code_is_told_by_its_kind(
    row: CodeRow, kind: CodeChangeKind, before: str, after: str
) -> None:
    assert code_changes(TABLES, with_code("channel", row)) == (
        CodeChange(kind, "channel", "", row.code, before, after),
    )


def test_codes_and_tables_that_are_left_out_or_new_are_told() -> None:
    fresh = CodeTable(table="ajc093", generation="2030", rows=(a_code("1"),))
    kept = tuple(one for one in shipped_codes() if one.table != "policy")
    channel = next(one for one in kept if one.table == "channel")
    shorter = channel.model_copy(update={"rows": channel.rows[1:]})
    offered = (*(shorter if one is channel else one for one in kept), fresh)

    listed = {
        (one.kind, one.table, one.generation, one.code) for one in code_changes(TABLES, offered)
    }

    assert listed == {
        (CodeChangeKind.TABLE_MISSING, "policy", "", ""),
        (CodeChangeKind.REMOVED, "channel", "", "11"),
        (CodeChangeKind.TABLE_ADDED, "ajc093", "2030", ""),
    }


@pytest.mark.parametrize("table", sorted(CLOSED_LISTS))
def test_a_change_of_a_closed_list_needs_another_contract(table: str) -> None:
    generation = max(TABLES.generations(table)) or None

    (change,) = code_changes(TABLES, with_code(table, a_code("97"), generation=generation))

    assert (change.code, change.refused) == ("97", True)


def test_every_list_that_a_type_is_made_of_is_closed() -> None:
    lists = {
        value.table
        for module in (agencies, deregistrations, outcomes, returns)
        for value in vars(module).values()
        if isinstance(value, ListedCode)
    }
    assert lists == CLOSED_LISTS


def kinds(*changed: DivisionRow) -> list[tuple[str, str, str, str]]:
    after = division_tree_under(divisions_edition(shipped_divisions(*changed)))
    return [
        (one.kind.value, one.code, one.before, one.after) for one in division_changes(TREE, after)
    ]


def test_changes_of_divisions_are_told_by_their_kinds() -> None:
    assert kinds(the_division("410184", name="新郑区")) == [
        (DivisionChangeKind.RENAMED, "410184", "新郑市", "新郑区")
    ]
    assert kinds(the_division("410184", parent="410200")) == [
        (DivisionChangeKind.REPARENTED, "410184", "410100", "410200")
    ]
    assert kinds(the_division("410184", valid_to=date(2026, 6, 1))) == [
        (DivisionChangeKind.ABOLISHED, "410184", "", "")
    ]
    assert kinds(the_division("410184", valid_from=None)) == [
        (DivisionChangeKind.DATED, "410184", "1994-12-31", "")
    ]
    assert kinds(the_division("410184", code="410198")) == [
        (DivisionChangeKind.ADDED, "410198", "", "")
    ]


def test_what_was_known_by_the_edition_before_alone_is_told_as_removed() -> None:
    before = division_tree_under(divisions_edition(second_divisions()))

    listed = [(one.kind, one.code) for one in division_changes(before, TREE)]

    assert (DivisionChangeKind.REMOVED, NEW_COUNTY) in listed


def test_agencies_and_open_cases_of_a_county_that_ends_are_told_and_no_others() -> None:
    # Given an agency and cases in the county that is merged, in a street of it, and elsewhere
    directory = AgencyDirectory(
        [
            Agency("A1", "新郑", MERGED_COUNTY, Delivery.FETCH),
            Agency("A2", "郑州", "410100", Delivery.FETCH),
        ]
    )
    street = f"{MERGED_COUNTY}001"
    places = [
        OpenPlace(MERGED_COUNTY, None, 3),
        OpenPlace(street, None, 2),
        OpenPlace("410105", None, 7),
        OpenPlace(NEW_COUNTY, "place.unknown", 4),
        OpenPlace("990000", "place.unknown", 5),
        OpenPlace(NEW_COUNTY, "operator.held", 6),
    ]

    found = consequences(
        TREE, division_tree_under(divisions_edition()), directory=directory, places=places
    )

    assert found.agencies == (EndingAgency("A1", MERGED_COUNTY, MERGED_ON, NEW_COUNTY),)
    assert found.ending == tuple(places[:2])
    assert found.becoming_known == (places[3],)
