"""代码表、区划 as records, and back: rows of the tables in the form in which they cross a wire."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from schemas.records.tables import CodeRow, CodeTable, DivisionRow
from schemas.reference.code_rows import Code
from schemas.reference.codes import CodeTables
from schemas.reference.divisions import Division, DivisionTree

FETCHED: Final = "fetchDivisions"
"""The source of a division that came over the wire, which names none."""


def code_table_records(tables: CodeTables) -> tuple[CodeTable, ...]:
    """Return every generation of every table, in the tables' own order."""
    return tuple(_code_tables(tables))


def codes_of(table: CodeTable) -> Mapping[str, Code]:
    """Return the rows of one generation by code."""
    generation = table.generation or ""
    return {
        row.code: Code(
            code=row.code,
            name=row.name,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            replaced_by=row.replaced_by,
            generation=generation,
            source=row.source,
            certainty=row.certainty,
        )
        for row in table.rows
    }


def division_records(tree: DivisionTree) -> tuple[DivisionRow, ...]:
    """Return every division of a tree, retired ones too, in the order of the codes."""
    return tuple(
        DivisionRow(
            code=one.code,
            name=one.name,
            level=one.level,
            parent=one.parent,
            valid_from=one.valid_from,
            valid_to=one.valid_to,
            replaced_by=one.replaced_by,
        )
        for one in tree.rows()
    )


def divisions_of(records: Iterable[DivisionRow]) -> Iterator[Division]:
    """Yield the rows of a table of divisions."""
    for one in records:
        yield Division(
            code=one.code,
            name=one.name,
            parent=one.parent,
            level=one.level,
            valid_from=one.valid_from,
            valid_to=one.valid_to,
            replaced_by=one.replaced_by,
            source=FETCHED,
        )


def _code_tables(tables: CodeTables) -> Iterator[CodeTable]:
    for name in tables.tables():
        for generation in tables.generations(name):
            codes = tables.codes(name, generation)
            found = (tables.get(name, code, generation) for code in codes)
            rows = tuple(_code_row(row) for row in found if row is not None)
            yield CodeTable(table=name, generation=generation or None, rows=rows)


def _code_row(row: Code) -> CodeRow:
    return CodeRow(
        code=row.code,
        name=row.name,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        replaced_by=row.replaced_by,
        source=row.source,
        certainty=row.certainty,
    )
