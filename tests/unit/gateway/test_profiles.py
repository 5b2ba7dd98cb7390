"""Province profiles: what the notices allow, and a new province as one file."""

from pathlib import Path

import pytest

from gateway.adapters.profiles import load_province
from gateway.errors import Misconfigured


@pytest.mark.parametrize(
    ("division", "of_2020_3", "of_2020_79"),
    [("410000", 0, 0), ("230000", 7, 3), ("430000", 5, 3)],
)
def test_a_shipped_province_allows_what_its_notices_say(
    division: str, of_2020_3: int, of_2020_79: int
) -> None:
    province = load_province(division)

    assert province.default_policy == "2020-79"
    assert province.allowances["2020-3"].working_days == of_2020_3
    assert province.allowances["2020-79"].working_days == of_2020_79
    assert all("号" in one.source or "规程" in one.source for one in province.allowances.values())


@pytest.mark.parametrize(
    ("division", "queue"),
    [("410000", "部级失业登记待办查询"), ("230000", "部转失业人员审核")],
)
def test_the_queue_is_called_as_the_notice_calls_it(division: str, queue: str) -> None:
    assert load_province(division).queue_name == queue


PROFILE = """
division: "620000"
name: 甘肃省
default_policy: "2020-79"
queue_name: 失业登记待办
allowances:
  "2020-79": {working_days: 3, source: 人社厅发〔2020〕79号}
"""


def test_a_new_province_is_one_file(tmp_path: Path) -> None:
    path = tmp_path / "620000.yaml"
    path.write_text(PROFILE, encoding="utf-8")

    assert load_province("620000", path).name == "甘肃省"


def test_a_division_may_have_deadlines_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "620000.yaml"
    own = """
division_allowances:
  "620100":
    "2020-79": {working_days: 1, source: 兰州市的规定}
"""
    path.write_text(PROFILE + own, encoding="utf-8")

    allowed = load_province("620000", path).division_allowances["620100"]["2020-79"]

    assert (allowed.working_days, allowed.source) == (1, "兰州市的规定")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("name: 甘肃省", "name: 甘肃省\nname: 甘肃", "cannot be read as YAML"),
        ("name: 甘肃省\n", "", "1 setting is missing: name"),
        (
            "name: 甘肃省",
            "name: 甘肃省\ncolour: red",
            "unknown setting colour; known are",
        ),
        ('default_policy: "2020-79"', 'default_policy: "2020-3"', "no entry under allowances"),
        ("working_days: 3", 'working_days: "3"', "working_days: Input should be a valid integer"),
        ("working_days: 3", "working_days: -1", "working_days: "),
        (
            "allowances:\n",
            'division_allowances: {"620100": {"2020-3": {working_days: 1, source: 兰州市}}}\n'
            "allowances:\n",
            "policy 2020-3 of division_allowances has no entry under allowances",
        ),
        (
            "allowances:\n",
            'division_allowances: {"兰州": {}}\nallowances:\n',
            "division_allowances",
        ),
        ('"620000"', "620000", "division: Input should be a valid string"),
        ('"620000"', '"630000"', "division is 630000, settings say 620000"),
    ],
)
def test_a_profile_that_does_not_fit_names_file_and_field(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    path = tmp_path / "profile.yaml"
    path.write_text(PROFILE.replace(old, new), encoding="utf-8")

    with pytest.raises(Misconfigured, match=message) as refused:
        load_province("620000", path)

    assert str(path) in str(refused.value)


def test_an_unknown_province_names_the_shipped_ones() -> None:
    with pytest.raises(Misconfigured, match="shipped are 230000, 410000, 430000"):
        load_province("110000")
