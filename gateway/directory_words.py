"""机构清单的用语: what is wrong with a list, what is marked in it, and its members, in Chinese."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from gateway.domain.directory_checks import DirectoryFault, DirectoryFinding, DirectoryFlaw
from gateway.domain.directory_version import SETTINGS
from gateway.domain.operator_acts import OPERATOR
from gateway.ports.directory import DirectoryRow, PublicationResult

_FAULTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        DirectoryFault.EMPTY: "没有机构；请至少列出一家机构",
        DirectoryFault.CODE_OVERLAPS: (
            "机构代码 {code} 在同一日期重复；请改正代码，或使首日、末日不重叠"
        ),
        DirectoryFault.DIVISION_OVERLAPS: (
            "行政区划 {division} 在同一日期有两家办理失业登记的机构，无法确定分派；"
            "请仅保留一家办理失业登记，或使首日、末日不重叠"
        ),
        DirectoryFault.DATES_REVERSED: "末日早于首日；请改正日期",
        DirectoryFault.PARENT_UNKNOWN: "上级机构 {parent} 不在清单中；请改正代码，或补充该机构",
        DirectoryFault.PARENT_RING: "上级机构 {parent} 又以本机构为上级；请改正上级机构代码",
        DirectoryFault.DIVISION_UNKNOWN: "行政区划代码 {division} 无法识别；请核对代码",
        DirectoryFault.DIVISION_OUTSIDE: "行政区划 {division} 不在本省；请核对代码",
        DirectoryFault.DIVISION_ABOLISHED: (
            "行政区划 {division} 已撤销，现属 {successor}；请改用现行代码"
        ),
        DirectoryFault.RESPONSIBLE_DIFFERS: (
            "行政区划 {division} 的责任单位或责任人前后不一致；请统一，或仅填写一次"
        ),
        DirectoryFault.DAY_PASSED: "启用日期 {day} 已过；请改为今天或以后的日期",
    }
)
_FINDINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        DirectoryFinding.NO_ACCOUNT: (
            "办理失业登记而没有实名账号（湘人社函〔2020〕23号：每个机构至少一个）"
        ),
        DirectoryFinding.ACCOUNTS_UNKNOWN: "未填写实名账号数",
        DirectoryFinding.INCOMPLETE: "缺少办公地址、联系电话或层级，清单不会发布至部端",
        DirectoryFinding.NO_RESPONSIBLE: "所在区划未明确责任单位和责任人",
    }
)
MEMBERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "code": "机构代码",
        "name": "机构名称",
        "division": "行政区划代码",
        "address": "办公地址",
        "telephone": "联系电话",
        "level": "机构层级",
        "kind": "机构类别",
        "parent": "上级机构代码",
        "services": "经办项目",
        "registers": "办理失业登记",
        "accounts": "实名账号数",
        "valid_from": "首日",
        "valid_to": "末日",
    }
)


def describe_flaw(flaw: DirectoryFlaw) -> str:
    """Return a fault with its cure, or a finding, as an operator reads it."""
    if isinstance(flaw.code, DirectoryFault):
        return _FAULTS[flaw.code].format(**flaw.params)
    return _FINDINGS[flaw.code]


def describe_publication(row: DirectoryRow) -> str:
    """Return what became of publishing a version."""
    if row.overtaken:
        return "已由较新版本取代"
    if row.publication is None:
        return "尚未发布"
    if row.publication.result is PublicationResult.PUBLISHED:
        return "已发布"
    code = row.publication.code
    return f"部端未接受（{code}）" if code else "部端未接受"


def describe_maker(made_by: str) -> str:
    """Return who made a version."""
    return "设置文件" if made_by == SETTINGS else made_by.removeprefix(OPERATOR)
