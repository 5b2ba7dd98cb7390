"""责任人名录: whoever answers for a place, or for the nearest place above it, is named."""

import pytest

from gateway.domain.listed_agencies import Responsible
from gateway.domain.responsibility import ResponsibilityRegister
from schemas.reference.divisions import DivisionTree

TREE = DivisionTree.load()
CITY = Responsible("410100", "郑州市人力资源和社会保障局", "模拟责任人甲")
COUNTY = Responsible("410105", "金水区人力资源和社会保障局", "模拟责任人乙")


@pytest.mark.parametrize(
    ("division", "found"),
    [
        ("410105", COUNTY),
        ("410105001001", COUNTY),
        ("410102", CITY),
        ("410100", CITY),
        ("419001", None),
        ("410000", None),
        ("999999", None),
        ("", None),
    ],
)
def test_the_nearest_place_that_names_somebody_answers(
    division: str, found: Responsible | None
) -> None:
    assert ResponsibilityRegister((CITY, COUNTY), TREE).of(division) == found


def test_where_nobody_is_registered_nobody_is_named() -> None:
    assert ResponsibilityRegister((), TREE).of("410105") is None
