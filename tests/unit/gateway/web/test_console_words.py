"""What a clerk reads of items in quarantine: Chinese words, whatever the rule."""

import pytest

from gateway.web.console.words import spoken_detail


@pytest.mark.parametrize(
    ("detail", "spoken"),
    [
        ("a member name stands twice in one object", "同一对象内成员名重复"),
        ("a text holds the character NUL", "文本含 NUL 字符"),
        ("nested deeper than 32", "嵌套超过 32 层"),
        (
            "not JSON: unexpected character, expected a JSON value, at byte 27",
            "不是合法的 JSON（第 27 字节处）",
        ),
        ("breaks its page: the page's list has no end", "括号不成对，连整页都无法拆开"),
        ("other content under a number taken over before", "同一编号此前已接收，这次内容不同"),
        ("SY1: revision 2 was taken with other content", "第 2 版此前已受理，这次内容不同"),
        (
            "/aac003: missing; /intentions/0: string_too_long; : extra_forbidden",
            "aac003：缺少必填项；intentions/0：过长；报文：有契约中没有的项",
        ),
        ("/aac003: a_rule_of_tomorrow", "/aac003: a_rule_of_tomorrow"),
    ],
)
def test_a_detail_is_told_in_chinese(detail: str, spoken: str) -> None:
    assert spoken_detail(detail) == spoken
