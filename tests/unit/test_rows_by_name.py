"""A row is read by the names of its columns: a number tells nobody which of them is meant."""

import ast
from collections.abc import Iterator
from typing import Final

import pytest

from tests.support.tree import modules, named

SOURCES: Final = frozenset({"rows", "rows_among", "rows_matching", "ask", "fetchall"})
"""What gives rows when it is called."""
STORES: Final = ("gateway/adapters/", "storage/")


def numbered_columns(tree: ast.AST) -> Iterator[int]:
    """Yield the lines that take a column out of a row by its number."""
    rows = set(row_names(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and is_number(node.slice) and is_row(node.value, rows):
            yield node.lineno


def row_names(tree: ast.AST) -> Iterator[str]:
    """Yield the names that stand for a row: by their own word or type, or as one of several."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.arg(arg=name) if f"_{name}".endswith("_row"):
                yield name
            case ast.arg(arg=name, annotation=ast.Name(id="Row")):
                yield name
            case ast.For(target=ast.Name(id=name), iter=rows) if gives_rows(rows):
                yield name
            case ast.comprehension(target=ast.Name(id=name), iter=rows) if gives_rows(rows):
                yield name
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if is_row(value, set()):
                yield name


def is_row(node: ast.expr, names: set[str]) -> bool:
    """Say whether an expression is one row: by its name, one of several, or the only one asked."""
    match node:
        case ast.Name(id=name):
            return name in names
        case ast.Subscript(value=rows, slice=place):
            return is_number(place) and gives_rows(rows)
        case ast.Call(func=ast.Attribute(attr=called)):
            return called == "fetchone"
    return False


def gives_rows(node: ast.expr) -> bool:
    """Say whether an expression is a list of rows."""
    match node:
        case ast.Name(id=name):
            return f"_{name}".endswith("_rows")
        case ast.Call(func=ast.Attribute(attr=called)):
            return called in SOURCES
    return False


def is_number(place: ast.expr) -> bool:
    """Say whether an index is a plain number."""
    plain = place.operand if isinstance(place, ast.UnaryOp) else place
    return isinstance(plain, ast.Constant) and isinstance(plain.value, int)


@pytest.mark.parametrize(
    "text",
    [
        "row[0]",
        "stored_row[-1]",
        "lambda row: row[0]",
        "def entry(values: Row): return values[0]",
        "rows[0][1]",
        "session.rows('audit_cases')[0][0]",
        "connection.execute('PRAGMA journal_mode').fetchone()[0]",
        "[case[3] for case in session.rows_among('cases', keys)]",
        "for entry in entry_rows:\n    entry[2]",
        "found = connection.execute('SELECT 1').fetchone()\nfound[0]",
        "last = rows[-1]\nlast[0]",
    ],
)
def test_a_column_taken_by_its_number_is_found(text: str) -> None:
    assert list(numbered_columns(ast.parse(text)))


@pytest.mark.parametrize(
    "text", ["rows[0]", "row.key", "row[: table.key]", "parts[0]", "url.partition(':')[0]"]
)
def test_what_is_no_column_is_not_taken_for_one(text: str) -> None:
    assert not list(numbered_columns(ast.parse(text)))


def test_no_row_of_a_store_is_read_by_number() -> None:
    found = [
        f"{named(path)}:{line}"
        for path in modules("gateway", "storage")
        if named(path).startswith(STORES)
        for line in numbered_columns(ast.parse(path.read_text("utf-8")))
    ]
    assert found == [], "make an object of it, by the names of its columns"
