"""The table of clauses: complete, and nothing in it points to what does not exist."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from contracts.catalogue.requirements import Requirement, Scope, requirements
from tests.support.tree import ROOT

NUMBERED = {"NAT": 42, "HEN": 30, "HLJ": 30, "HUN": 30, "HNG": 28, "POL-79": 4, "POL-JL": 1}
ALL = tuple(requirements().values())


def each(chosen: tuple[Requirement, ...] = ALL) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("clause", chosen, ids=lambda clause: clause.id)


@cache
def functions_in(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text("utf-8"))
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, functions))


def test_every_clause_of_every_notice_has_its_row() -> None:
    wanted = [
        f"{series}-{number:02d}" if len(series) == 3 else f"{series}-{number}"
        for series, last in NUMBERED.items()
        for number in range(1, last + 1)
    ]
    assert len(wanted) == 165
    assert list(requirements()) == wanted


@each()
def test_a_clause_is_told_in_both_languages_with_its_source(clause: Requirement) -> None:
    assert clause.source
    assert clause.article or clause.id.startswith("POL-")
    assert re.search(r"[一-鿿]", clause.text_zh) or clause.text_zh == "12333"
    assert clause.text_en.isascii()


@each()
def test_every_named_file_is_there(clause: Requirement) -> None:
    assert [name for name in clause.code if not (ROOT / name).exists()] == []


@each()
def test_every_named_test_is_there(clause: Requirement) -> None:
    for proof in clause.proof:
        path, _, function = proof.partition("::")
        assert (ROOT / path).is_file(), proof
        assert function.startswith("test_"), proof
        assert function in functions_in(ROOT / path), proof


@each()
def test_what_is_ours_is_built_and_proven_or_says_why_not(clause: Requirement) -> None:
    if clause.in_scope is Scope.YES:
        assert (clause.code and clause.proof) or clause.why_not.startswith("尚未建成")
    else:
        assert clause.why_not


@each(tuple(clause for clause in ALL if clause.in_scope is Scope.NO))
def test_what_is_not_ours_claims_nothing(clause: Requirement) -> None:
    assert (clause.code, clause.proof) == ((), ())
