"""The published life of a case is the one the gateway lives by."""

import pytest
from pydantic import ValidationError

from contracts.catalogue.lifecycle import SHIPPED, Lifecycle, lifecycle
from gateway.domain.case import State, Step, life
from schemas.reference.codes import CodeTables


def test_the_published_moves_are_those_of_the_gateway() -> None:
    published = {(move.origin, move.step): move.to for move in lifecycle().moves}
    assert published == {(state, step): to for (state, step), to in life().items()}


def test_states_and_steps_are_those_of_the_gateway() -> None:
    assert [one.state for one in lifecycle().states] == list(State)
    assert [one.step for one in lifecycle().steps] == list(Step)


def test_only_the_ends_are_never_left_for_another_state() -> None:
    left = {move.origin for move in lifecycle().moves if move.to != move.origin}
    assert {one.state for one in lifecycle().states} - left == set(lifecycle().ends)


def test_the_person_sees_the_states_of_the_code_table() -> None:
    tables = CodeTables.load()
    seen = {one.code: one.name_zh for one in lifecycle().review_states}
    assert seen == {
        code: tables.name("review-state", code) for code in tables.codes("review-state")
    }


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"to": "HELD"', b'"to": "LOST"'),
        (b'"step": "withdraw",\n      "to"', b'"step": "vanish",\n      "to"'),
        (b'"begins": "ACCEPTED"', b'"begins": "BORN"'),
        (b'"step": "hold",\n      "to"', b'"step": "deliver",\n      "to"'),
    ],
)
def test_a_life_that_leads_nowhere_is_refused(old: bytes, new: bytes) -> None:
    published = SHIPPED.read_bytes()
    assert old in published
    with pytest.raises(ValidationError):
        Lifecycle.read(published.replace(old, new, 1))
