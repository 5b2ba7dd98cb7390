"""Behind every error code stand a clause, a rule, and tests that speak of that very code."""

import csv
import io
import re

import pytest

from contracts.catalogue.error_proofs import (
    NOT_YET_BUILT,
    ErrorProof,
    error_proofs,
    error_proofs_csv,
)
from contracts.catalogue.errors_csv import errors
from contracts.catalogue.requirements import requirements
from contracts.docs.page import page
from schemas.signing import SignatureErrorCode
from tests.unit.contracts.proofs import is_test, spoken_of

ALL = tuple(error_proofs().values())
STANDARD = re.compile(r"(RFC [0-9]{4}|GB/T [0-9]{4,5})( §[0-9A-Z.]+)?")
PART = re.compile(r'<h2 id="[a-z]+">(\S+) <small>')


def each() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("one", ALL, ids=lambda one: one.code)


def spellings(code: str) -> tuple[str, ...]:
    """Return how a test may name a code: as text, or by its member of the closed set."""
    members = tuple(f"SignatureErrorCode.{one.name}" for one in SignatureErrorCode if one == code)
    return (f"'{code}'", *members)


def test_every_code_of_the_catalogue_has_its_row_and_no_other() -> None:
    assert list(error_proofs()) == list(errors())


@each()
def test_a_code_rests_on_a_clause_a_standard_or_a_part_of_the_contract(one: ErrorProof) -> None:
    parts = set(PART.findall(page().decode()))
    for clause in one.clauses:
        part = clause.removeprefix("接口约定·")
        assert clause in requirements() or STANDARD.fullmatch(clause) or part in parts, clause


@each()
def test_every_test_named_exists_and_speaks_of_the_code(one: ErrorProof) -> None:
    for proof in one.proof:
        assert is_test(proof), proof
        said = spoken_of(proof)
        named = [re.search(rf"{re.escape(way)}(?!\w)", said) for way in spellings(one.code)]
        assert any(named), f"{proof} does not speak of {one.code}"


def test_every_code_has_a_proof() -> None:
    assert [one.code for one in ALL if not one.proof] == []


def test_a_test_that_does_not_speak_of_a_code_is_no_proof() -> None:
    own = "tests/unit/contracts/test_error_proofs.py::"
    assert not is_test(f"{own}test_that_was_never_written")
    assert "outcome.conflict" in spoken_of(f"{own}test_a_code_is_spoken_of_by_its_name")
    assert "outcome.conflict" not in spoken_of(
        f"{own}test_every_code_of_the_catalogue_has_its_row_and_no_other"
    )


def test_a_code_is_spoken_of_by_its_name() -> None:
    assert spellings("outcome.conflict") == ("'outcome.conflict'",)


def test_the_published_table_has_a_row_for_each_proof() -> None:
    rows = list(csv.DictReader(io.StringIO(error_proofs_csv().decode())))
    assert {(row["code"], row["proof"]) for row in rows} == {
        (one.code, proof) for one in ALL for proof in one.proof or (NOT_YET_BUILT,)
    }
