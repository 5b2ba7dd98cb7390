"""What a figure says of its target, and that no side always goes first."""

import pytest

from bench.all_figures import verdict
from bench.figure import Figure, in_turn


def test_a_figure_without_a_target_has_no_verdict() -> None:
    figure = Figure("B3", "往返", "/s", (120.0, 130.0))

    assert figure.reached is None
    assert verdict(figure) == "–"
    assert figure.target == "–"


@pytest.mark.parametrize(
    ("figure", "reached"),
    [
        (Figure("B1", "接收", "/s", (70.0,), (100.0,), minimum=0.6), True),
        (Figure("B1", "接收", "/s", (50.0,), (100.0,), minimum=0.6), False),
        (Figure("B5", "接收", "ms", (1.1,), (1.0,), maximum=1.15), True),
        (Figure("B5", "接收", "ms", (1.5,), (1.0,), maximum=1.15), False),
        (Figure("B2", "应答", "ms", (41.0,), maximum=40), False),
    ],
)
def test_a_target_is_for_the_ratio_where_there_is_a_limit(figure: Figure, reached: bool) -> None:
    assert figure.reached is reached
    assert ("未达到" in verdict(figure)) is not reached


def test_the_ratio_is_that_of_the_rounds_not_of_the_medians() -> None:
    slow_machine_for_a_while = Figure("B5", "接收", "ms", (1.0, 3.0, 3.0), (1.0, 1.5, 3.0))

    assert slow_machine_for_a_while.ratio == 1.0


def test_each_side_goes_first_once_in_as_many_turns() -> None:
    orders = [list(in_turn("abc", turn)) for turn in range(3)]

    assert orders == [["a", "b", "c"], ["b", "c", "a"], ["c", "a", "b"]]
