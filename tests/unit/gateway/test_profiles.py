"""Province profiles: what the notices say, and what is wrong in a file, with its place."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.adapters.profiles import (
    SHIPPED,
    TEMPLATE,
    load_province,
    read_profile,
    shipped_provinces,
)
from gateway.domain.deadline import due
from gateway.domain.province import Province
from gateway.errors import Misconfigured
from gateway.reason_words import describe_reasoned
from schemas.records.dispatches import Dispatch
from schemas.records.outcomes import REFUSAL_REASON
from schemas.records.returns import RETURN_REASON
from schemas.reference.calendar import WorkingCalendar
from schemas.reference.codes import CodeTables
from tests.builders.records import dispatch_json

PROOF_WORDS = ("证明", "证书", "档案", "材料", "资料", "参保", "户籍", "户口", "领金", "保险金")
"""What a reason would say that asks for a material, or ties the registration to something else."""


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


@pytest.mark.parametrize(
    ("division", "forwarded", "local"),
    [
        ("410000", "部级失业登记待办查询", "外网申请统一受理"),
        ("230000", "部转失业人员审核", "失业登记审核"),
    ],
)
def test_the_queues_are_called_as_the_notice_calls_them(
    division: str, forwarded: str, local: str
) -> None:
    province = load_province(division)
    assert province.queue_name == forwarded
    assert province.local_queue is not None
    assert province.local_queue.name == local


def sources(province: Province) -> list[str]:
    """Return the article of every rule of a province."""
    queues = filter(None, (province.forwarded_queue, province.local_queue))
    return [
        province.ground_rules.source,
        province.form.source,
        *(one.source for one in province.allowances.values()),
        *(one.source for one in province.ground_rules.grounds.values()),
        *(one.source for one in (*province.materials, *province.never_demanded)),
        *(one.source for one in province.channels),
        *(one.source for one in queues),
    ]


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_rule_names_its_article(path: Path) -> None:
    found = sources(read_profile(path))
    assert len(found) > 20
    assert [one for one in found if "号" not in one and "规程" not in one] == []


@pytest.mark.parametrize(
    ("division", "ground_rules", "form"),
    [
        ("410000", "豫人社办〔2020〕35号 第四部分", "豫人社办〔2020〕35号 附件2"),
        ("230000", "黑人社函〔2020〕87号 第三部分", "人社厅发〔2020〕3号 附件1"),
        ("430000", "湘人社函〔2020〕23号 第一部分（三）", "湘人社函〔2020〕23号 第一部分（四）"),
    ],
)
def test_a_province_goes_by_its_own_notice(division: str, ground_rules: str, form: str) -> None:
    province = load_province(division)
    assert province.ground_rules.source == ground_rules
    assert province.form.source.startswith(form)


def test_hunans_links_bear_the_label_of_its_notice() -> None:
    channels = load_province("430000").channels
    assert [one.label for one in channels if one.label] == ["湖南省失业登记入口"]
    assert {one.code for one in channels} == {"11", "12", "21", "22", "23", "31", "32"}


@pytest.mark.parametrize(
    ("division", "kinds"),
    [("410000", {"21", "11", "22", "23", "31"}), ("230000", {"21", "22", "31", "32"})],
)
def test_the_channels_are_those_of_the_notice(division: str, kinds: set[str]) -> None:
    province = load_province(division)
    assert {one.code for one in province.channels} == kinds


def test_no_reason_of_the_closed_lists_demands_a_material() -> None:
    tables = CodeTables.load()
    for listed in (REFUSAL_REASON, RETURN_REASON):
        names = [tables.name(listed.table, code) or "" for code in listed.codes()]
        assert all(names)
        assert [name for name in names if any(word in name for word in PROOF_WORDS)] == []
    for division in shipped_provinces():
        forbidden = load_province(division).never_demanded
        assert forbidden
        assert all(any(word in one.name for word in PROOF_WORDS) for one in forbidden)


def test_the_template_is_the_national_rules() -> None:
    national = read_profile(TEMPLATE)
    allowed = {policy: one.working_days for policy, one in national.allowances.items()}
    assert allowed == {"2020-3": 7, "2020-79": 3}
    assert national.ground_rules.source == "人社厅发〔2020〕3号 第五部分"
    assert not national.accepts_anywhere
    assert TEMPLATE.stem not in shipped_provinces()


def test_the_template_explains_every_key() -> None:
    lines = TEMPLATE.read_text(encoding="utf-8").splitlines()
    keys = [at for at, line in enumerate(lines) if line and line[0].islower() and ":" in line]
    assert len(keys) == len({lines[at].partition(":")[0] for at in keys}) == 9
    assert [lines[at] for at in keys if not lines[at - 1].startswith("#")] == []


def changed(folder: Path, old: str, new: str) -> Path:
    """Return a file like the template in which one passage is another."""
    text = TEMPLATE.read_text(encoding="utf-8")
    assert old in text
    path = folder / "profile.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


OWN: str = """  own:
    "90":
      source: 示例文件 第一条
      ways: [{trigger: handler, modes: ["2"], verified_by: ["99"], notice: due}]
"""


@pytest.mark.parametrize(
    ("old", "new", "place", "cause"),
    [
        ("name: 全国规定", "name: 甲\nname: 乙", "", "YAML"),
        ("name: 全国规定（模板）", "", "", "缺少一项设置：name"),
        ("\nqueues:", "\nqueue:", "", "queue 的设置，最接近的是 queues"),
        ("\nform:", "\nforms:", "", "forms 的设置，最接近的是 form"),
        ("working_days: 7", "workingdays: 7", "", "最接近的是 working_days"),
        ('"2020-79"\n', '"2020-80"\n', "default_policy", "allowances 中没有这一项"),
        ('  "2020-3":\n', '  "2020-9":\n', "allowances", "policy 中没有可用于此处的代码 2020-9"),
        ("working_days: 7", 'working_days: "7"', "allowances.2020-3.working_days", "整数"),
        ("working_days: 7", "working_days: -1", "allowances.2020-3.working_days", "0"),
        ("working_days: 7", "working_days: 31", "allowances.2020-3.working_days", "30"),
        ("working_days: 7\n    source: 人社厅发〔2020〕3号 第三部分", "working_days: 7", "",
         "缺少一项设置：allowances.2020-3.source"),
        ('division: "000000"', "division: 000000", "division", "文本"),
        ('division: "000000"', 'division: "00"', "division", ""),
        ('set: "2020-3"', 'set: "2020-33"', "", "没有 2020-33；程序自带的有 2020-3、hunan"),
        ('set: "2020-3"', 'set: missing.yaml', "", "没有 missing.yaml"),
        ('form: "2020-3"', "form: henan", "", "没有 henan；程序自带的有 2020-3、henan-2020-35"),
        ('set: "2020-3"\n', 'set: "2020-3"\n  off: {"91": 示例文件 第一条}\n', "off",
         "规则集中没有注销情形 91"),
        ('set: "2020-3"\n', f'set: "2020-3"\n{OWN.replace("90", "22")}', "own",
         "acc025 中没有可用于此处的代码 22"),
        ('set: "2020-3"\n', f'set: "2020-3"\n{OWN.replace("due", "exempt")}', "own.90.ways.0",
         "告知写为 exempt"),
        ('set: "2020-3"\n', f'set: "2020-3"\n{OWN.replace("99", "98")}', "own.90.ways.0",
         "verification-mode 中没有可用于此处的代码 98"),
        ('set: "2020-3"\n', f'set: "2020-3"\n{OWN.replace("      source: 示例文件 第一条", "")}',
         "", "缺少一项设置：ground_rules.own.90.source"),
        ('set: "2020-3"\n', f'set: "2020-3"\n{OWN.replace("trigger: handler", "trigger: clerk")}',
         "ground_rules.own.90.ways.0.trigger", "insurance-change"),
        ("name: 档案\n      source: 人社厅发〔2020〕79号", "name: 档案", "",
         "缺少一项设置：materials.never.2.source"),
        ("never:", "nevr:", "", "materials.nevr 的设置，最接近的是 never"),
        ('code: "31"', 'code: "33"', "channels.2.code", "channel 中没有可用于此处的代码 33"),
        ('code: "31"', "code: 31", "channels.2.code", "文本"),
        ('code: "31"', 'code: "31"\n    url: "ftp://a"', "channels.2.url", ""),
        ("# accepts_anywhere:\n", "accepts_anywhere: true\n", "accepts_anywhere", ""),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_with_its_place_in_the_file(
    tmp_path: Path, old: str, new: str, place: str, cause: str
) -> None:
    path = changed(tmp_path, old, new)
    with pytest.raises(Misconfigured) as refused:
        read_profile(path)
    described = describe_reasoned(refused.value)
    assert described.place.startswith(str(path))
    assert place in described.place
    assert cause in described.cause
    assert described.cure.startswith("请")


def test_the_longest_article_of_a_deadline_still_goes_with_a_dispatch(tmp_path: Path) -> None:
    old = "working_days: 7\n    source: 人社厅发〔2020〕3号 第三部分"
    path = changed(tmp_path, old, f"working_days: 30\n    source: {'号' * 60}")
    province = read_profile(path)
    beyond = datetime(2199, 1, 1, tzinfo=UTC)
    term = due(beyond, "2020-3", province=province, calendar=WorkingCalendar.load())
    assert Dispatch.read(dispatch_json(due_rule=term.rule)).due_rule == term.rule
    with pytest.raises(Misconfigured, match="source"):
        read_profile(changed(tmp_path, old, f"working_days: 30\n    source: {'号' * 61}"))


def test_the_division_of_a_profile_is_that_of_the_settings() -> None:
    with pytest.raises(Misconfigured, match="division is 000000, settings say 620000"):
        load_province("620000", TEMPLATE)


def test_an_unknown_province_names_the_shipped_ones() -> None:
    with pytest.raises(Misconfigured, match="shipped are 230000, 410000, 430000"):
        load_province("110000")
