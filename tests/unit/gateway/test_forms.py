"""Files of forms: what is wrong in one is refused with field, rule and cure."""

from pathlib import Path

import pytest

from gateway.adapters.forms import load_form
from gateway.errors import Misconfigured
from gateway.reason_words import describe_reasoned

LAYOUT = """
title: 示例登记表
source: 示例文件 附件1
sections:
  - heading: 个人基本信息
    boxes:
      - label: 姓名
        parts:
          - member: aac003
      - label: 失业原因
        parts:
          - member: ajc093
            table: ajc093
            generation: "2016"
            options:
              - label: 毕业
                codes: ["10"]
              - label: 其他
                codes: ["90"]
      - label: 签字
        not_carried: 由本人签字
"""
PLACE = "sections.0.boxes."


def test_an_own_form_is_a_file_beside_the_profile(tmp_path: Path) -> None:
    (tmp_path / "form.yaml").write_text(LAYOUT, encoding="utf-8")
    layout = load_form("form.yaml", tmp_path)
    assert [box.label for box in layout.boxes] == ["姓名", "失业原因", "签字"]
    assert "aac147" in layout.lacking


@pytest.mark.parametrize(
    ("old", "new", "place", "cause"),
    [
        ("member: aac003", "member: aac03", f"{PLACE}0.parts.0：member", "最接近的是 aac0"),
        ("member: aac003", "member: ajc093", f"{PLACE}1.parts.0", "ajc093 在表样中出现两次"),
        ("table: ajc093", "table: ajc999", f"{PLACE}1.parts.0：table", "没有代码表 ajc999"),
        ('            generation: "2016"\n', "", f"{PLACE}1.parts.0：generation", "有多个版本"),
        ('["90"]', '["91"]', f"{PLACE}1.parts.0：options", "ajc093 中没有可用于此处的代码 91"),
        ('["90"]', '["10"]', f"{PLACE}1.parts.0：options", "10 出现两次"),
        ("label: 其他", "label: 毕业", f"{PLACE}1.parts.0：options", "毕业 出现两次"),
        ("table: ajc093", "table: ajc093\n            division: true", f"{PLACE}1", "两种以上"),
        ("        not_carried: 由本人签字\n", "", f"{PLACE}2", "parts 或 not_carried"),
        ("source: 示例文件 附件1\n", "", "", "缺少一项设置：source"),
        ("not_carried: 由", "notcarried: 由", "", "最接近的是 not_carried"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place_in_the_file(
    tmp_path: Path, old: str, new: str, place: str, cause: str
) -> None:
    assert old in LAYOUT
    (tmp_path / "form.yaml").write_text(LAYOUT.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(Misconfigured) as refused:
        load_form("form.yaml", tmp_path)
    described = describe_reasoned(refused.value)
    assert place in described.full_cause
    assert cause in described.cause
    assert described.cure.startswith("请")
