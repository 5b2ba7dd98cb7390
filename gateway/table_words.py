"""用词: Chinese words for editions of the tables, what they change, what was decided on them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from gateway.domain.division_changes import DivisionChange, DivisionChangeKind
from gateway.domain.fetched_tables import TableFault
from gateway.domain.table_changes import CodeChange, CodeChangeKind
from gateway.domain.table_decisions import DecisionResult, DecisionStep
from gateway.domain.table_editions import TableKind

KINDS: Final[Mapping[TableKind, str]] = MappingProxyType(
    {TableKind.CODES: "代码表", TableKind.DIVISIONS: "行政区划表"}
)
DECISIONS: Final[Mapping[DecisionStep, str]] = MappingProxyType(
    {DecisionStep.ADOPTED: "启用", DecisionStep.REJECTED: "不采用"}
)
DECISION_RESULTS: Final[Mapping[DecisionResult, str]] = MappingProxyType(
    {
        DecisionResult.DONE: "已办理",
        DecisionResult.ALREADY: "此前已办理",
        DecisionResult.DECIDED_MEANWHILE: "其间已有他人作出决定",
        DecisionResult.UNKNOWN_EDITION: "没有这个版本",
        DecisionResult.DAY_PAST: "启用日期早于今天",
        DecisionResult.IN_FORCE: "该版本已启用或将启用",
    }
)
FAULTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        TableFault.NOTHING: "没有一条行政区划",
        TableFault.TABLE_TWICE: "同一代码表出现两次",
        TableFault.CODE_TWICE: "同一代码出现两次",
        TableFault.DATES_REVERSED: "停用日期早于启用日期",
        TableFault.SUCCESSOR_NOWHERE: "替代的代码不存在，或循环替代",
        TableFault.PARENT_NOWHERE: "上级区划不存在",
        TableFault.PARENT_NOT_ABOVE: "上级区划的层级不高于本级",
        TableFault.WRONG_LENGTH: "代码位数与层级不符",
        TableFault.NOT_ADVANCING: "标明还有后续，却没有内容",
        TableFault.ORDER_BROKEN: "不是所请求的部分，或次序有误",
        TableFault.ANOTHER_SOURCE: "下载途中，部端更换了所提供的表",
        TableFault.TOO_MANY: "条数超出上限",
    }
)
CODE_CHANGES: Final[Mapping[CodeChangeKind, str]] = MappingProxyType(
    {
        CodeChangeKind.TABLE_ADDED: "新增代码表，共 {after} 个代码",
        CodeChangeKind.TABLE_MISSING: "该版本没有此表，沿用程序自带的",
        CodeChangeKind.ADDED: "新增 {code} {after}",
        CodeChangeKind.REMOVED: "删去 {code} {before}",
        CodeChangeKind.ENDED: "{code} 自 {after} 之后停用",
        CodeChangeKind.REPLACED: "{code} 由 {after} 替代（原为 {before}）",
        CodeChangeKind.RENAMED: "{code} 更名：{before} → {after}",
        CodeChangeKind.DATED: "{code} 有效期变更：{before} → {after}",
        CodeChangeKind.SOURCED: "{code} 出处变更：{before} → {after}",
    }
)
DIVISION_CHANGES: Final[Mapping[DivisionChangeKind, str]] = MappingProxyType(
    {
        DivisionChangeKind.ADDED: "新设",
        DivisionChangeKind.REMOVED: "不在任何表中",
        DivisionChangeKind.ABOLISHED: "撤销",
        DivisionChangeKind.MERGED: "撤销，并入 {after}",
        DivisionChangeKind.RENAMED: "更名：{before} → {after}",
        DivisionChangeKind.REPARENTED: "上级区划变更：{before} → {after}",
        DivisionChangeKind.LEVELLED: "层级变更：{before} → {after}",
        DivisionChangeKind.DATED: "有效期变更：{before} → {after}",
    }
)
_REFUSED: Final = "（属接口约定的封闭清单，须发布新版接口约定，不随此版本启用）"
_NONE: Final = "无"


def describe_code_change(change: CodeChange) -> str:
    """Return a difference of code tables as an operator reads it."""
    table = f"{change.table}@{change.generation}" if change.generation else change.table
    said = CODE_CHANGES[change.kind].format(
        code=change.code, before=change.before or _NONE, after=change.after or _NONE
    )
    return f"{table}：{said}{_REFUSED if change.refused else ''}"


def describe_division_change(change: DivisionChange) -> str:
    """Return a difference of divisions as an operator reads it."""
    said = DIVISION_CHANGES[change.kind].format(
        before=change.before or _NONE, after=change.after or _NONE
    )
    day = "" if change.on is None else f"，自 {change.on.isoformat()} 起"
    return f"{change.code} {change.name}：{said}{day}"
