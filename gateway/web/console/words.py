"""Chinese words for what the ledger says in codes; the console's catalogue."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from gateway.domain.case import State, Step
from gateway.domain.screening import SOURCES, Finding
from gateway.ports import PORTAL
from schemas.records.applications import HOUSEHOLD, INSURED, RESIDENCE, WORKPLACE

STATES: Final[Mapping[str, str]] = MappingProxyType(
    {
        State.ACCEPTED: "已接收",
        State.DISPATCHED: "已分派",
        State.DECIDED: "已办结",
        State.REPORTED: "已回传",
        State.HELD: "挂起",
        State.RETURNED: "已退回",
        State.WITHDRAWN: "已撤回",
    }
)
STEPS: Final[Mapping[str, str]] = MappingProxyType(
    {
        Step.ACCEPT: "接收",
        Step.DELIVER: "送达经办机构",
        Step.HOLD: "挂起",
        Step.ASSIGN: "分派",
        Step.DECIDE: "审核结果到达",
        Step.REPORT: "回传国家端",
        Step.RETURN: "退回",
        Step.WITHDRAW: "撤回",
    }
)
BASES: Final[Mapping[str, str]] = MappingProxyType(
    {HOUSEHOLD: "户籍地", RESIDENCE: "常住地", WORKPLACE: "就业地", INSURED: "参保地"}
)
HOLDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "place.unknown": "登记失业地区划代码未知",
        "place.out-of-province": "登记失业地不在本省",
        "place.no-agency": "登记失业地没有对应的经办机构",
        "application.unreadable": "申请内容无法读取",
        "application.conflict": "同一编号内容不同",
        "withdrawal.conflict": "同一撤回内容不同",
        "outcome.conflict": "同一版次审核结果内容不同",
        "dispatch.refused": "经办机构系统拒收分派单",
    }
)
ACTORS: Final[Mapping[str, str]] = MappingProxyType({PORTAL: "国家端", "intake": "网关"})
FINDINGS: Final[Mapping[Finding, str]] = MappingProxyType(
    {
        Finding.UNDER_AGE: "未满 16 周岁",
        Finding.CERTIFICATE_NOT_LISTED: "证件类型不在规定范围",
        Finding.COMMITMENT_MISSING: "没有本人承诺",
        Finding.UNEMPLOYED_IN_FUTURE: "失业时间晚于今天",
        Finding.PLACE_DIFFERS: "登记失业地与所选地址的区划不一致",
        Finding.SEX_DIFFERS: "性别与证件号码不一致",
        Finding.CODE_UNKNOWN: "指标代码表中没有该值",
        Finding.NUMBER_DOUBTFUL: "证件号码存疑",
    }
)

RULES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "missing": "缺少必填项",
        "extra_forbidden": "有契约中没有的项",
        "string_type": "须为文本",
        "string_pattern_mismatch": "格式不符",
        "string_too_long": "过长",
        "string_too_short": "过短",
        "too_long": "条数过多",
        "literal_error": "取值不在规定范围",
        "bool_type": "须为真假值",
        "int_type": "须为整数",
        "date_from_datetime_parsing": "日期不存在",
        "date_parsing": "日期不存在",
        "datetime_from_date_parsing": "时间不存在",
        "datetime_parsing": "时间不存在",
        "value_error": "项与项之间不相符",
        "model_type": "须为对象",
        "union_tag_invalid": "不是申请也不是撤回",
        "union_tag_not_found": "没有写明是申请还是撤回",
    }
)
_FAULTS: Final = (
    (re.compile(r"a member name stands twice.*"), "同一对象内成员名重复"),
    (re.compile(r"a text holds the character NUL"), "文本含 NUL 字符"),
    (re.compile(r"nested deeper than ([0-9]+)"), r"嵌套超过 \1 层"),
    (re.compile(r"not JSON: .*, at byte ([0-9]+)"), r"不是合法的 JSON（第 \1 字节处）"),
    (re.compile(r"breaks its page: .*"), "括号不成对，连整页都无法拆开"),
    (re.compile(r"other content under a number.*"), "同一编号此前已接收，这次内容不同"),
    (re.compile(r".*: revision ([0-9]+) was taken.*"), r"第 \1 版此前已受理，这次内容不同"),
)


def spoken_detail(detail: str) -> str:
    """Return why an item is in quarantine as a clerk reads it; unknown words stay as they are."""
    for pattern, words in _FAULTS:
        if pattern.fullmatch(detail):
            return pattern.sub(words, detail)
    return "；".join(_spoken_rule(part) for part in detail.split("; "))


def _spoken_rule(part: str) -> str:
    pointer, found, rule = part.rpartition(": ")
    if not found or rule not in RULES:
        return part
    return f"{pointer.removeprefix('/') or '报文'}：{RULES[rule]}"


def spoken_finding(note: str) -> str:
    """Return a finding as a clerk reads it: what it is, the member or rule, the article."""
    code, _, detail = note.partition(":")
    try:
        finding = Finding(code)
    except ValueError:
        return note
    where = f"（{detail}）" if detail else ""
    return f"{FINDINGS[finding]}{where}，依据：{SOURCES[finding]}"
