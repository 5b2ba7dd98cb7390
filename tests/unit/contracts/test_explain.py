"""Explaining: a clause, a code, a member and a state, each from its own table."""

import pytest

from contracts.catalogue.errors_csv import errors
from contracts.catalogue.explain import explain, known_terms


def said(term: str) -> str:
    return "\n".join(f"{word}：{text}" for one in explain(term) for word, text in one.lines)


def test_a_clause_is_explained_with_code_and_proof() -> None:
    text = said("nat-32")
    assert "条款：人社厅发〔2020〕3号 第七部分" in text
    assert "代码：gateway/flows/intake.py" in text
    assert "证明：tests/" in text


@pytest.mark.parametrize(
    "term", ["outcome.conflict", "duijie.conflict", "urn:duijie:problem:outcome.conflict"]
)
def test_a_code_is_explained_with_cause_and_cure(term: str) -> None:
    text = said(term)
    assert "原因：同一申请、同一版次已存在内容不同的审核结果" in text
    assert "处理办法：更正请使用下一版次（revision）" in text
    assert "HTTP 状态：409" in text


@pytest.mark.parametrize("code", errors())
def test_every_code_is_explained_with_clause_rule_cause_cure_and_proof(code: str) -> None:
    (one,) = [found for found in explain(code) if found.heading.startswith(f"{code} ")]
    words = {word for word, text in one.lines if text}
    assert {"条款", "规则", "原因", "处理办法", "证明"} <= words


def test_a_clause_behind_a_code_is_quoted() -> None:
    assert "条款：NAT-34 人社厅发〔2020〕3号 第七部分：审核结果实时上传" in said("outcome.conflict")
    assert "证明：tests/integration/flows/test_outcome.py" in said("outcome.conflict")


def test_a_code_of_one_member_never_answers_a_request() -> None:
    assert "仅出现在逐项错误中" in said("field.missing")


@pytest.mark.parametrize("term", ["aac147", "AAC147", "certificate_no", "证件号码"])
def test_a_member_is_found_by_any_of_its_names(term: str) -> None:
    assert "指标编码：AAC147" in said(term)


def test_a_member_is_found_by_a_name_other_systems_use() -> None:
    assert "指标编码：AAE043" in said("ajc094")


@pytest.mark.parametrize("term", ["HELD", "held", "挂起"])
def test_a_state_is_explained_with_its_moves(term: str) -> None:
    assert "assign：→ ACCEPTED" in said(term)


def test_what_means_nothing_is_not_explained() -> None:
    assert explain("NAT-99") == ()


def test_every_known_term_is_explained() -> None:
    assert [term for term in known_terms() if not explain(term)] == []
