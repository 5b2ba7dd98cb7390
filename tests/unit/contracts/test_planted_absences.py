"""Every proof that the requirements table names is known to turn red, by a plant that still fits.

The plants themselves are run by `make proofs`; here it is only held that they apply.
"""

from contracts.catalogue.requirements import Scope, requirements
from tests.support.planted_absences import read_plants, results_in

PLANTS = read_plants()
UNSERVED = {f"schemas/records/{record}.py" for record in ("agencies", "statements")}
"""Records that no operation takes which a server offers."""


def test_a_plant_applies_to_its_files_exactly_once() -> None:
    edits = [(plant.says, edit) for plant in PLANTS for edit in plant.edits]
    assert [(says, edit) for says, edit in edits if edit.occurrences() != 1] == []
    assert all(edit.text != edit.replacement for _, edit in edits)


def test_every_proof_of_a_clause_has_a_plant_for_that_clause() -> None:
    planted = {(row, proof) for plant in PLANTS for row in plant.rows for proof in plant.proof}
    claimed = {(one.id, proof) for one in requirements().values() for proof in one.proof}
    assert sorted(claimed - planted) == []


def test_a_plant_is_for_clauses_that_name_its_proofs() -> None:
    for plant in PLANTS:
        named = {row: set(requirements()[row].proof) for row in plant.rows}
        assert [row for row, proofs in named.items() if not proofs & set(plant.proof)] == []
        assert set(plant.proof) <= set().union(*named.values()), plant.says


def test_only_what_a_served_operation_takes_is_a_whole_yes() -> None:
    for one in requirements().values():
        if one.in_scope is Scope.YES:
            assert set(one.code) - UNSERVED, one.id
            assert not one.why_not, one.id


def test_a_case_that_could_not_begin_is_no_proof() -> None:
    report = """<testsuites><testsuite>
    <testcase classname="tests.unit.test_a" name="test_x[1]"><failure/></testcase>
    <testcase classname="tests.unit.test_a" name="test_x[2]"/>
    <testcase classname="tests.unit.test_a" name="test_y"/>
    <testcase classname="tests.unit.test_a" name="test_z"><error/></testcase>
    </testsuite></testsuites>"""
    assert results_in(report) == {
        "tests/unit/test_a.py::test_x": "red",
        "tests/unit/test_a.py::test_y": "green",
        "tests/unit/test_a.py::test_z": "broken",
    }
