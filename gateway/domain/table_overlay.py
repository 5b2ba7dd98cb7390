"""版本的效力: what an edition makes of the tables that come with the program.

A generation of a code table that the edition has stands as a whole, so that a code it leaves out is
in no table any more. Of divisions each row stands for itself: one that the edition leaves out stays
as shipped, since a table without streets has abolished none, and their cases must go on finding
their agencies. The closed lists (封闭清单) of the contract stay as shipped, whatever an edition
says: no record could carry a code that they lack.

Assumed: that the national side ends a division by a date, never by leaving it out.
"""

from functools import cache

from gateway.domain.fetched_tables import division_faults
from gateway.domain.table_editions import (
    SHIPPED,
    Edition,
    EditionRef,
    TableKind,
    code_edition,
    code_tables_in,
    division_edition,
    divisions_in,
)
from gateway.errors import TablesUnfit
from schemas.records.closed_lists import CLOSED_LISTS
from schemas.records.table_records import (
    code_table_records,
    codes_of,
    division_records,
    divisions_of,
)
from schemas.reference.codes import CodeTables
from schemas.reference.divisions import DivisionTree


def code_tables_under(edition: Edition | None) -> CodeTables:
    """Return the code tables under an edition; None: as shipped.

    Raises:
        ValueError: The edition is of something else.
    """
    shipped = CodeTables.load()
    if edition is None:
        return shipped
    return shipped.with_editions(
        {
            (one.table, one.generation or ""): codes_of(one)
            for one in code_tables_in(edition)
            if one.table not in CLOSED_LISTS
        }
    )


def division_tree_under(edition: Edition | None) -> DivisionTree:
    """Return the tree of divisions under an edition; None: as shipped.

    Raises:
        TablesUnfit: A row that the edition lacks cannot stay beside those that it has.
        ValueError: The edition is of something else.
    """
    shipped = DivisionTree.load()
    if edition is None or edition.as_of is None:
        return shipped
    rows = {row.code: row for row in division_records(shipped)}
    rows |= {row.code: row for row in divisions_in(edition)}
    for fault, code in division_faults(rows.values()):
        raise TablesUnfit(fault, code)
    return shipped.with_rows(divisions_of(rows.values()), as_of=edition.as_of)


def as_stored(edition: EditionRef) -> EditionRef:
    """Return the reference of an edition; version 0 where it says what is shipped."""
    if edition.digest == _shipped_digest(edition.kind):
        return EditionRef(edition.kind, SHIPPED)
    return edition


@cache  # the shipped tables belong to the program: they are read once in its life
def _shipped_digest(kind: TableKind) -> str:
    match kind:
        case TableKind.CODES:
            return code_edition(code_table_records(CodeTables.load())).ref.digest
        case TableKind.DIVISIONS:
            tree = DivisionTree.load()
            return division_edition(division_records(tree), tree.as_of).ref.digest
