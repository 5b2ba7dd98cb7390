"""对账用词: what differs, what is done about it, and why a statement is not used, in Chinese."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from gateway.domain.discrepancies import (
    ClosedAs,
    DiscrepancyKind,
    DiscrepancyState,
    RecordedDiscrepancy,
    Remedy,
)
from gateway.domain.statement_checks import StatementFault
from gateway.errors import PeerFailure
from gateway.failure_words import FAILURES
from gateway.ports.reconciliations import NOT_BUILT
from schemas.records.problem_texts import PROBLEM_TEXTS
from schemas.records.statements import EntryKind


@dataclass(frozen=True, slots=True)
class DiscrepancyWords:
    """What a difference is called, and what a person should do about it."""

    title: str
    cure: str


RECORDS: Final[Mapping[EntryKind, str]] = MappingProxyType(
    {
        EntryKind.APPLICATION: "转办申请",
        EntryKind.WITHDRAWAL: "撤回",
        EntryKind.OUTCOME: "审核结果",
        EntryKind.REGISTRATION: "本地受理登记",
        EntryKind.DEREGISTRATION: "失业登记注销",
    }
)
DISCREPANCIES: Final[Mapping[DiscrepancyKind, DiscrepancyWords]] = MappingProxyType(
    {
        DiscrepancyKind.NOT_RECEIVED: DiscrepancyWords(
            "部端已转办，本方未接收", "自动重新下载；一天内仍未收到的，请部端核查下载队列"
        ),
        DiscrepancyKind.ACKNOWLEDGED_NOT_HELD: DiscrepancyWords(
            "部端记为已下载确认，本方没有", "请部端重新转办；台账曾恢复备份的，请核对恢复的时间"
        ),
        DiscrepancyKind.NOT_ACKNOWLEDGED: DiscrepancyWords(
            "本方已接收，部端未记下载确认", "自动再次下载确认；一天内仍未记录的，请部端核查"
        ),
        DiscrepancyKind.NOT_FORWARDED_THERE: DiscrepancyWords(
            "本方已接收，部端对账单未列", "请部端核查是否已改转其他地区；核实之前照常办理"
        ),
        DiscrepancyKind.NOT_HELD_THERE: DiscrepancyWords(
            "本方有部端回执，部端对账单未列",
            "以同一键、同一版次自动重新上传；再次出现的，请部端核查",
        ),
        DiscrepancyKind.REVISION_BEHIND: DiscrepancyWords(
            "部端缺少更正的版次", "以同一键、同一版次自动重新上传；再次出现的，请部端核查"
        ),
        DiscrepancyKind.REVISION_AHEAD: DiscrepancyWords(
            "部端的版次高于本方",
            "请按安全事件核查：是否有其他系统以本省名义上传；台账曾恢复备份的，请核对恢复的时间",
        ),
        DiscrepancyKind.NEVER_SENT: DiscrepancyWords(
            "部端有本方从未上传的结果",
            "请按安全事件核查：是否有其他系统以本省名义上传，密钥是否泄露",
        ),
        DiscrepancyKind.REFUSED_HERE: DiscrepancyWords(
            "部端已有，本方记为被拒收", "以同一键、同一版次自动重新上传，部端按重复处理"
        ),
        DiscrepancyKind.CONTENT_DIFFERS: DiscrepancyWords(
            "同一键、同一版次内容不同", "请与部端逐项核对；确需更正的，由经办机构以下一版次报送"
        ),
        DiscrepancyKind.VERDICT_DIFFERS: DiscrepancyWords(
            "同一键、同一版次审核结果不同",
            "请按安全事件核查，并与部端核对；确需更正的，由经办机构以下一版次报送",
        ),
        DiscrepancyKind.LISTED_TWICE: DiscrepancyWords(
            "部端对账单重复列出", "请部端核查是否重复入账"
        ),
    }
)
_STATES: Final[Mapping[DiscrepancyState, str]] = MappingProxyType(
    {
        DiscrepancyState.PENDING: "待相邻日对账",
        DiscrepancyState.OPEN: "待人工处理",
    }
)
REMEDIES: Final[Mapping[Remedy, str]] = MappingProxyType(
    {
        Remedy.FETCH_AGAIN: "正在重新下载",
        Remedy.ACKNOWLEDGE_AGAIN: "正在再次下载确认",
        Remedy.SEND_AGAIN: "已重新列入待发",
        Remedy.DESK: "待人工处理",
    }
)
_CLOSED: Final[Mapping[ClosedAs, str]] = MappingProxyType(
    {
        ClosedAs.REPAIRED: "已自动处理",
        ClosedAs.STATED: "已列入相邻日对账单",
        ClosedAs.GONE: "再次对账时已消除",
        ClosedAs.BY_OPERATOR: "已人工处理",
    }
)
_FAULTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        StatementFault.OTHER_DATE: "对账单不是所要求的日期",
        StatementFault.OTHER_AREA: "对账单不是本省的",
        StatementFault.OTHER_PART: "分片序号与所要求的不符",
        StatementFault.OTHER_CLOSING: "各分片不属于同一次生成，或合计不同",
        StatementFault.CLOSED_AHEAD: "生成时间在未来",
        StatementFault.OTHER_DAY: "含有其他日期的条目",
        StatementFault.TOO_MANY: "分片过多",
        StatementFault.TOO_OFTEN: "同一条目重复次数过多",
        StatementFault.WRONG_COUNTS: "条数与合计不符，对账单不完整或有增加",
        StatementFault.WRONG_DIGEST: "摘要不符",
        StatementFault.LOST: "已下载的分片无法解密，须重新下载",
        NOT_BUILT: "部端未提供对账单",
    }
)


def describe_standing(one: RecordedDiscrepancy) -> str:
    """Return where a difference stands, as a clerk reads it."""
    if one.closed_as is not None:
        return _CLOSED[one.closed_as]
    return _STATES.get(one.state) or REMEDIES[one.remedy]


def describe_reason(reason: str | None) -> str:
    """Return why a day has no usable statement, as a clerk reads it."""
    if not reason:
        return "未完成"
    if reason in _FAULTS:
        return _FAULTS[reason]
    if reason in set(PeerFailure):
        return FAILURES[PeerFailure(reason)].title
    return PROBLEM_TEXTS[reason].title if reason in PROBLEM_TEXTS else reason
