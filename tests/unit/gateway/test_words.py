"""What a clerk reads of codes: Chinese words, and the code itself where there are none yet."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.detail_words import describe_details, describe_note
from gateway.domain.case import State, Step
from gateway.domain.detail import DECIDED, DIFFERS, RELEASED, Detail, read_details, write_details
from gateway.domain.screening import Finding
from gateway.words import (
    FINDINGS,
    HOLDS,
    STATES,
    STEPS,
    describe_actor,
    describe_finding,
)
from schemas.records.json_errors import JsonErrorCode


@pytest.mark.parametrize(
    ("details", "described"),
    [
        ([Detail(JsonErrorCode.DUPLICATE_MEMBER)], "同一对象内成员名重复"),
        ([Detail(JsonErrorCode.NUL)], "文本含 NUL 字符"),
        ([Detail(JsonErrorCode.TOO_DEEP)], "嵌套超过 32 层"),
        ([Detail(JsonErrorCode.SYNTAX, {"byte": "27"})], "不是合法的 JSON（第 27 字节处）"),
        ([Detail(JsonErrorCode.PAGE_BROKEN)], "括号不成对，整页无法解析"),
        ([Detail(DIFFERS)], "同一编号此前已接收，本次内容不同"),
        ([Detail(DIFFERS, {"revision": "2"})], "版次 2 此前已接收，本次内容不同"),
        (
            [
                Detail("field.missing", {"pointer": "/aac003"}),
                Detail("field.string-too-long", {"pointer": "/intentions/0"}),
                Detail("field.extra-forbidden", {"pointer": ""}),
            ],
            "aac003：缺少必填项；intentions/0：过长；报文：含接口约定中没有的项",
        ),
        (
            [Detail("field.of-tomorrow", {"pointer": "/a"})],
            "field.of-tomorrow pointer=/a",
        ),
    ],
)
def test_details_are_described_in_chinese(details: list[Detail], described: str) -> None:
    assert describe_details(write_details(details)) == described


@pytest.mark.parametrize("code", JsonErrorCode)
def test_every_way_to_be_malformed_has_words(code: JsonErrorCode) -> None:
    described = describe_details(write_details([Detail(code, {"byte": "1"})]))
    assert code not in described


def test_who_took_a_step_is_named_and_an_operator_is_never_taken_for_an_agency() -> None:
    agencies = {"4101050001": "金水区公共就业服务中心"}
    assert describe_actor("4101050001", agencies) == "金水区公共就业服务中心"
    assert describe_actor("portal", agencies) == "部端"
    assert describe_actor("operator:4101050001", agencies) == "经手人 4101050001"
    assert describe_actor("4102000001", agencies) == "4102000001"


def test_what_a_release_ended_is_told() -> None:
    note = str(Detail(RELEASED, {"reason": "dispatch.refused"}))
    assert describe_note(note) == "人工释放，原挂起原因：经办机构系统拒收分派单"


def test_why_an_outcome_was_refused_is_told_by_the_title_of_its_error() -> None:
    params = {"code": "outcome.superseded", "revision": "2", "fingerprint": "0"}
    assert describe_note(str(Detail("outcome.refused", params))) == (
        "版次 2 的审核结果未被接受：结果版次已过期"
    )


def test_what_an_earlier_version_wrote_as_prose_stays_as_it_is() -> None:
    old = "nested deeper than 32"
    assert describe_details(old) == old
    assert describe_note("revision 2") == "revision 2"


@pytest.mark.parametrize(
    "bare",
    [
        "outcome.received",
        "person.also-applied",
        "person.registered-locally",
        "due.known",
        "page.place",
        "json.syntax",
        "row.damaged",
        "store.seal-broken",
        "receipt.other-key",
        "content.differs",
        "case.released",
        "case.assigned",
        "deregistration.received",
        "outcome.refused",
        "acknowledgement.refused",
        "dispatch.returned",
        "field.missing",
    ],
)
@pytest.mark.parametrize("rest", ["", " of=elsewhere"])
def test_a_code_without_the_parameters_that_its_words_name_is_told_all_the_same(
    bare: str, rest: str
) -> None:
    assert describe_details(bare + rest)
    assert describe_note(bare + rest)


@pytest.mark.parametrize(
    ("note", "described"),
    [
        (None, None),
        ("place.unknown", HOLDS["place.unknown"]),
        (str(Detail(DECIDED, {"revision": "3"})), "结果版次 3"),
        (str(Detail(DECIDED, {"revision": "3", "verdict": "2"})), "结果版次 3（不通过）"),
    ],
)
def test_the_note_of_a_step_is_described(note: str | None, described: str | None) -> None:
    assert describe_note(note) == described


def test_every_finding_state_and_step_has_words() -> None:
    assert set(FINDINGS) == set(Finding)
    assert describe_finding("age.under-16").startswith("未满 16 周岁，依据：")
    assert describe_finding("code.unknown:aac011").startswith("指标代码表中没有该值（aac011）")
    assert describe_finding("a-code:of-tomorrow") == "a-code:of-tomorrow"
    assert set(STATES) == set(State)
    assert set(STEPS) == set(Step)


NAMES = st.from_regex(r"\A[a-z][a-z_]{0,8}\Z")
DETAILS = st.builds(
    Detail,
    st.from_regex(r"\A[a-z]{1,9}[.][a-z-]{1,9}\Z"),
    st.dictionaries(NAMES, st.text(st.characters(exclude_categories=["Cs"]), max_size=20)),
)


@given(st.lists(DETAILS, min_size=1, max_size=4))
def test_details_are_read_back_as_they_were_written(details: list[Detail]) -> None:
    assert list(read_details(write_details(details))) == details


@given(st.text(max_size=60))
def test_no_text_whatever_makes_reading_details_fail(text: str) -> None:
    assert describe_details(text) is not None
