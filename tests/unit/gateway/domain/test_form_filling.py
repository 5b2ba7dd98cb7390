"""登记表: every application, as extreme as it may be, stands on the forms and is read back."""

from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Final

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from gateway.adapters.forms import SHIPPED, load_form
from gateway.domain.form_filling import FilledForm, fill_form, form_values, masked_form, read_form
from gateway.domain.form_layout import FORM_MEMBERS, Box, FormLayout, FormPart
from schemas.records.applications import ForwardedApplication
from schemas.records.registrations import LocalRegistration
from schemas.reference.codes import CodeTables
from schemas.reference.divisions import DivisionTree
from tests.builders.extended import FORM, registration_json
from tests.builders.extreme_records import an_extreme_application
from tests.builders.records import an_application

REPEATABLE: Final = Random(1)  # noqa: S311 - not secret
TABLES: Final = CodeTables.load()
TREE: Final = DivisionTree.load()
NAMES: Final = ("2020-3", "henan-2020-35", "hunan-2020-23")
FORMS: Final = {name: load_form(name) for name in NAMES}
EVERY: Final = pytest.mark.parametrize("name", NAMES)


def filled(layout: FormLayout, values: Mapping[str, str]) -> FilledForm:
    return fill_form(layout, values, tables=TABLES, tree=TREE)


def check(layout: FormLayout, values: Mapping[str, str]) -> None:
    """Say that what the form has comes back as it was, and that the rest is named."""
    form = filled(layout, values)
    back = read_form(form, tables=TABLES)
    lost = form.unshown.keys() | form.coarser.keys()
    assert {name: text for name, text in values.items() if name not in lost} == {
        name: text for name, text in back.items() if name not in lost
    }
    for member, value in {**form.unshown, **form.coarser}.items():
        assert values[member] == value
    assert not form.unshown.keys() & back.keys()
    again = filled(layout, back | {"code_set": "2016"})
    assert read_form(again, tables=TABLES) == back  # what it says more coarsely stands


@EVERY
@given(seed=st.integers(0, 2**32), ordinary=st.booleans())
@settings(max_examples=60, deadline=None, phases=[Phase.generate])
def test_what_a_form_has_comes_back_and_what_it_lacks_is_named(
    name: str, seed: int, ordinary: bool
) -> None:
    chance = Random(seed)  # noqa: S311 - chosen by the property, not secret
    known = {
        "ajc093": chance.choice([*TABLES.codes("ajc093"), "90"]),
        "acc412": chance.choice("1234"),
        "aac005": chance.choice(TABLES.codes("aac005")),
        "aac011": chance.choice(TABLES.codes("aac011")),
        "code_set": chance.choice(("2016", "2010")),
        "reason_note": "其他情形",
    }
    sent = an_extreme_application("SY1", chance, **(known if ordinary else {}))
    check(FORMS[name], form_values(ForwardedApplication.read(sent)))


@EVERY
def test_a_local_registration_stands_on_the_form_too(name: str) -> None:
    values = form_values(LocalRegistration.read(registration_json()))
    assert values["aac003"] == FORM["aac003"]
    check(load_form(name), values)


def test_the_members_of_an_application_are_all_known() -> None:
    sent = an_extreme_application("SY1", REPEATABLE, aac024="13")
    whole = ForwardedApplication.read(sent)
    dumped = whole.model_dump(mode="json", by_alias=True, exclude_none=True)
    apart = {"kind", "application_no", "forwarded_at", "trace_id"}
    assert {member.partition("/")[0] for member in FORM_MEMBERS} >= dumped.keys() - apart
    assert set(form_values(whole)) <= set(FORM_MEMBERS)


def ticked(name: str, member: str, value: str, **more: str) -> str | None:
    values = form_values(an_application()) | {member: value} | more
    form = filled(load_form(name), values)
    written = [one for box in form.boxes for one in box.written if one.part.member == member]
    return written[0].text


@pytest.mark.parametrize(
    ("name", "code", "label"),
    [
        ("2020-3", "21", "被企业解除或终止劳动关系"),
        ("2020-3", "32", "终止从事个体工商户"),
        ("henan-2020-35", "24", "从企业、机关、事业单位等各类用人单位失业的"),
        ("henan-2020-35", "25", "农村进城务工人员就业半年以上失业"),
        ("henan-2020-35", "60", "军人退出现役且未纳入国家统一安置的，以及随军家属未安置就业的"),
        ("2020-3", "25", None),
    ],
)
def test_a_reason_ticks_the_box_of_the_form(name: str, code: str, label: str | None) -> None:
    assert ticked(name, "ajc093", code) == label


def test_henans_form_says_reasons_of_employers_in_one_box_and_names_what_it_drops() -> None:
    values = form_values(an_application(ajc093="24"))
    form = filled(load_form("henan-2020-35"), values)
    assert form.coarser == {"ajc093": "24"}
    assert read_form(form, tables=TABLES)["ajc093"] == "20"
    assert {"aac004", "aac033", "ajc090", "aac058", "acc412", "ajc174"} <= form.unshown.keys()


def test_henans_form_is_a_subset_of_the_national_one_with_boxes_of_its_own() -> None:
    national, henan = load_form("2020-3"), load_form("henan-2020-35")
    assert {one.member for one in henan.parts} < {one.member for one in national.parts}
    own = [box.label for box in henan.not_carried]
    assert own[:2] == ["求职要求（有、无）", "是否需要打印《就业创业证》"]
    assert len(own) == 5  # three sign it
    assert national.not_carried == ()


def test_the_national_form_stars_what_its_notice_stars() -> None:
    starred = [box.label for box in load_form("2020-3").boxes if box.starred]
    assert starred == [
        *("姓名", "性别", "民族", "学历", "健康状况", "失业时间", "证件类型", "证件号"),
        *("户籍地址", "常住地址", "手机", "登记失业地", "是否申领失业保险金"),
    ]


def test_hunans_form_also_records_the_wish_to_work_and_to_be_trained() -> None:
    hunan = load_form("hunan-2020-23")
    assert hunan.title == "就业失业求职登记表"
    assert [box.label for box in hunan.not_carried] == ["就业意愿", "培训意愿"]


def test_a_reason_of_the_older_edition_ticks_the_box_of_what_it_became() -> None:
    assert ticked("2020-3", "ajc093", "30", code_set="2010") == "从机关事业单位被辞退解聘"
    assert ticked("2020-3", "ajc093", "30") is None


def test_a_code_that_no_table_has_stands_as_it_came() -> None:
    assert ticked("2020-3", "aac005", "Z-1") == "（Z-1）"
    assert ticked("2020-3", "aab299", "999999") == "（999999）"
    assert ticked("2020-3", "aab299", "419001") == "河南省济源市（419001）"


@pytest.mark.parametrize(
    ("code", "code_set", "text"),
    [
        ("40", "2016", "有收入但低于当地最低生活保障标准"),
        ("40", "2010", "（40）"),
        ("80", "2010", "（80）"),
    ],
)
def test_a_code_of_another_edition_is_not_called_by_a_name_of_this_one(
    code: str, code_set: str, text: str
) -> None:
    part = FormPart("ajc093", table="ajc093", generation="2016")
    layout = FormLayout("表", "示例", (Box("甲", "失业原因", False, (part,)),))
    form = filled(layout, {"ajc093": code, "code_set": code_set})
    assert [one.text for box in form.boxes for one in box.written] == [text]
    assert read_form(form, tables=TABLES) == {"ajc093": code}


def test_a_masked_form_shows_no_value_that_the_mask_covers() -> None:
    values = form_values(an_application())
    form = filled(load_form(), values)
    masked = masked_form(form, values, lambda member, value: "***")
    texts = [one.text for box in masked.boxes for one in box.written]
    assert set(texts) == {None, "***"}
    assert set(masked.unshown.values()) == {"***"}


def test_every_shipped_form_is_examined_here() -> None:
    assert {path.stem for path in Path(SHIPPED).glob("*.yaml")} == set(NAMES)
