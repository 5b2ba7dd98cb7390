"""取得的表: what breaks a rule is not used, whoever sent it; the same rows are one edition."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.domain.fetched_tables import CodeTableParts, DivisionPages, TableFault
from gateway.domain.table_editions import (
    SHIPPED,
    EditionRef,
    TableKind,
    code_edition,
    code_tables_in,
    divisions_in,
)
from gateway.domain.table_overlay import as_stored, code_tables_under, division_tree_under
from gateway.errors import TablesUnfit
from schemas.records.tables import CodeRow, CodeTable, CodeTableList, DivisionPage, DivisionRow
from schemas.reference.divisions import DivisionLevel
from tests.builders.tables import (
    MERGED_COUNTY,
    NEW_COUNTY,
    a_code,
    codes_edition,
    divisions_edition,
    pages,
    parts,
    second_divisions,
    shipped_codes,
    shipped_divisions,
    the_division,
    with_code,
)

AS_OF = date(2026, 1, 1)


def fetched(*given_pages: DivisionPage) -> DivisionPages:
    """Put pages together."""
    put_together = DivisionPages()
    for page in given_pages:
        put_together.add(page)
    return put_together


def collected(*given_parts: CodeTableList) -> CodeTableParts:
    """Put parts together."""
    put_together = CodeTableParts()
    for part in given_parts:
        put_together.add(part)
    return put_together


def page_of(*rows: DivisionRow, more: bool = False, as_of: date = AS_OF) -> DivisionPage:
    return DivisionPage(as_of=as_of, divisions=rows, more=more)


def test_what_is_shipped_breaks_no_rule_and_is_version_0() -> None:
    codes = collected(*parts(shipped_codes())).edition()
    divisions = fetched(*pages(shipped_divisions())).edition()

    assert as_stored(codes.ref) == EditionRef(TableKind.CODES, SHIPPED)
    assert as_stored(divisions.ref) == EditionRef(TableKind.DIVISIONS, SHIPPED)


@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.permutations(range(len(shipped_codes()))))
def test_the_same_rows_are_the_same_edition_in_any_order(order: list[int]) -> None:
    tables = [shipped_codes()[place] for place in order]
    mixed = [one.model_copy(update={"rows": tuple(reversed(one.rows))}) for one in tables]

    assert code_edition(mixed).ref == codes_edition(shipped_codes()).ref


def test_an_edition_reads_back_what_it_was_made_of() -> None:
    assert divisions_in(divisions_edition()) == tuple(second_divisions())
    assert len(code_tables_in(codes_edition())) == len(shipped_codes())


def _table(*rows: CodeRow, name: str = "channel") -> CodeTable:
    return CodeTable(table=name, rows=rows)


@pytest.mark.parametrize(
    ("tables", "fault", "subject"),
    [
        (
            (_table(a_code("1")), _table(a_code("2"))),
            TableFault.TABLE_TWICE,
            "channel",
        ),
        (
            (_table(a_code("1"), a_code("1", name="又")),),
            TableFault.CODE_TWICE,
            "channel",
        ),
        (
            with_code(
                "channel",
                a_code("9", valid_from=date(2026, 2, 2), valid_to=date(2026, 2, 1)),
            ),
            TableFault.DATES_REVERSED,
            "channel:9",
        ),
        (
            with_code("channel", a_code("9", replaced_by="10")),
            TableFault.SUCCESSOR_NOWHERE,
            "channel:9",
        ),
        (
            with_code("channel", a_code("9", replaced_by="9")),
            TableFault.SUCCESSOR_NOWHERE,
            "channel:9",
        ),
    ],
)
def test_code_tables_that_break_a_rule_are_not_used(
    tables: tuple[CodeTable, ...], fault: TableFault, subject: str
) -> None:
    with pytest.raises(TablesUnfit) as refused:
        collected(*parts(tables)).edition()

    assert (refused.value.fault, refused.value.subject) == (fault, subject)


TWO = parts((_table(a_code("1")), _table(a_code("2"), name="policy")))


@pytest.mark.parametrize(
    ("given_parts", "fault"),
    [
        ([TWO[1]], TableFault.ORDER_BROKEN),
        ([TWO[0], TWO[0]], TableFault.ORDER_BROKEN),
        ([TWO[0], TWO[1].model_copy(update={"parts": 3})], TableFault.ANOTHER_SOURCE),
        ([parts(TWO[0].tables)[0].model_copy(update={"parts": 0})], TableFault.ANOTHER_SOURCE),
        ([TWO[0].model_copy(update={"parts": None})], TableFault.ANOTHER_SOURCE),
        ([TWO[0].model_copy(update={"part": None})], TableFault.ORDER_BROKEN),
        ([TWO[0], CodeTableList(tables=TWO[1].tables)], TableFault.ORDER_BROKEN),
        ([TWO[0].model_copy(update={"tables": ()})], TableFault.ORDER_BROKEN),
    ],
)
def test_parts_that_are_not_what_was_asked_for_are_not_used(
    given_parts: list[CodeTableList], fault: TableFault
) -> None:
    with pytest.raises(TablesUnfit) as refused:
        collected(*given_parts)

    assert refused.value.fault == fault


WHOLE = CodeTableList(tables=(*TWO[0].tables, *TWO[1].tables))
"""What a national side of contract 1.0 answers, which knows no parts."""


def test_a_national_side_of_1_0_answers_the_first_question_with_everything() -> None:
    put_together = CodeTableParts()

    assert put_together.add(WHOLE) is False
    assert put_together.edition().ref == collected(*TWO).edition().ref


def test_parts_are_asked_for_until_the_last_one_is_there() -> None:
    put_together = CodeTableParts()

    assert [put_together.add(one) for one in TWO] == [True, False]


PROVINCE = the_division("410000")
CITY = the_division("410100")


@pytest.mark.parametrize(
    ("given_pages", "fault"),
    [
        ([page_of()], TableFault.NOTHING),
        ([page_of(more=True)], TableFault.NOT_ADVANCING),
        ([page_of(PROVINCE, more=True), page_of(more=True)], TableFault.NOT_ADVANCING),
        ([page_of(PROVINCE, more=True), page_of(PROVINCE)], TableFault.ORDER_BROKEN),
        ([page_of(CITY, PROVINCE)], TableFault.ORDER_BROKEN),
        ([page_of(CITY, more=True), page_of(PROVINCE)], TableFault.ORDER_BROKEN),
        (
            [page_of(PROVINCE, more=True), page_of(CITY, as_of=date(2026, 1, 2))],
            TableFault.ANOTHER_SOURCE,
        ),
        ([page_of(CITY)], TableFault.PARENT_NOWHERE),
        (
            [page_of(PROVINCE, CITY.model_copy(update={"code": "410100001"}))],
            TableFault.WRONG_LENGTH,
        ),
        (
            [
                page_of(
                    PROVINCE, CITY, CITY.model_copy(update={"code": "410200", "parent": "410100"})
                )
            ],
            TableFault.PARENT_NOT_ABOVE,
        ),
        (
            [page_of(PROVINCE, CITY.model_copy(update={"replaced_by": "419999"}))],
            TableFault.SUCCESSOR_NOWHERE,
        ),
        (
            [page_of(PROVINCE, CITY.model_copy(update={"replaced_by": "410100"}))],
            TableFault.SUCCESSOR_NOWHERE,
        ),
        (
            [
                page_of(
                    PROVINCE,
                    CITY.model_copy(
                        update={"valid_from": date(2026, 2, 2), "valid_to": date(2026, 2, 1)}
                    ),
                )
            ],
            TableFault.DATES_REVERSED,
        ),
    ],
)
def test_divisions_that_break_a_rule_are_not_used(
    given_pages: list[DivisionPage], fault: TableFault
) -> None:
    with pytest.raises(TablesUnfit) as refused:
        fetched(*given_pages).edition()

    assert refused.value.fault == fault


def test_more_divisions_than_there_can_be_are_not_used() -> None:
    with pytest.raises(TablesUnfit, match=r"divisions\.too-many"):
        DivisionPages(limit=1).add(page_of(PROVINCE, CITY))


def test_a_table_without_streets_abolishes_none() -> None:
    # Given a national table that ends at the counties
    counties = [row for row in second_divisions() if len(row.code) == 6]

    # When it is put in force
    tree = division_tree_under(divisions_edition(counties))

    # Then a street is where it was, and the new county is there
    village = "410105001001"
    assert tree.ancestors(village)[:3] == (village, "410105001", "410105")
    assert tree.name(NEW_COUNTY) == "演练区"
    assert tree.ancestors_in_force(MERGED_COUNTY, AS_OF.replace(month=6))[0] == NEW_COUNTY


def test_a_row_that_cannot_stay_beside_the_edition_makes_it_unfit() -> None:
    # Given an edition in which a city is a county, which is fit by itself
    rows = [PROVINCE, CITY.model_copy(update={"level": DivisionLevel.COUNTY})]
    edition = fetched(page_of(*rows)).edition()

    # Then the counties that are shipped cannot lie in it
    with pytest.raises(TablesUnfit, match=r"parent\.not-above 41010"):
        division_tree_under(edition)


def test_a_closed_list_stays_as_shipped_whatever_an_edition_says() -> None:
    listed = with_code("refusal-reason", a_code("99", name="人户分离"))

    under = code_tables_under(codes_edition(listed))

    assert under.codes("refusal-reason") == code_tables_under(None).codes("refusal-reason")
    assert not under.known("refusal-reason", "99")


def test_a_code_that_an_edition_leaves_out_is_in_no_table_any_more() -> None:
    def without(one: CodeTable) -> CodeTable:
        if one.table != "aac024":
            return one
        return one.model_copy(update={"rows": tuple(row for row in one.rows if row.code != "13")})

    under = code_tables_under(codes_edition(shipped_codes(without)))

    assert not under.known("aac024", "13")
    assert under.known("aac024", "01")
