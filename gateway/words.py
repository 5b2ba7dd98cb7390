"""用词: Chinese words for what the ledger says in codes, for pages and the command line."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from gateway.domain.appraisal import AppraisalFigure, Cause
from gateway.domain.audit import AuditCode
from gateway.domain.case import State, Step
from gateway.domain.feed_items import UNREADABLE_CASE
from gateway.domain.ground_rules import GroundTrigger, NoticeDuty
from gateway.domain.ledger_entry import LedgerStep
from gateway.domain.operator_acts import (
    HELD_BY_OPERATOR,
    OPERATOR,
    RETURN_PENDING,
    ActResult,
)
from gateway.domain.portal_return import FORWARDED_AGAIN, RETURN_REFUSED, RETURNED_TO_PORTAL
from gateway.domain.receipts import ACKNOWLEDGEMENT_REFUSED, CONFIRMATION_NOT_BELIEVED
from gateway.domain.release import ReleaseResult
from gateway.domain.return_rules import GIVEN_BACK
from gateway.domain.screening import SOURCES, Finding, split_finding
from gateway.ports import PORTAL
from gateway.ports.quarantine import LEDGER
from gateway.ports.unreadable import UnreadableCode
from schemas.records.applications import HOUSEHOLD, INSURED, RESIDENCE, WORKPLACE

STATES: Final[Mapping[str, str]] = MappingProxyType(
    {
        State.ACCEPTED: "已接收",
        State.DISPATCHED: "已分派",
        State.DECIDED: "已办结",
        State.REPORTED: "已上传",
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
        Step.REPORT: "上传部端",
        Step.RETURN: "退回",
        Step.WITHDRAW: "撤回",
        Step.NOTE: "记载",
    }
)
BASES: Final[Mapping[str, str]] = MappingProxyType(
    {HOUSEHOLD: "户籍地", RESIDENCE: "常住地", WORKPLACE: "就业地", INSURED: "参保地"}
)
GROUND_TRIGGERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        GroundTrigger.EMPLOYMENT: "办理就业登记",
        GroundTrigger.INSURANCE: "社会保险登记变更",
        GroundTrigger.HANDLER: "经办人员核实",
        GroundTrigger.COUNT: "达到规定次数",
        GroundTrigger.OPEN: "文件未规定",
    }
)
NOTICE_DUTIES: Final[Mapping[str, str]] = MappingProxyType(
    {
        NoticeDuty.FIRST: "先告知，后注销",
        NoticeDuty.DUE: "注销并告知",
        NoticeDuty.EXEMPT: "无须告知",
    }
)
HOLDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "place.unknown": "登记失业地的行政区划代码无法识别",
        "place.out-of-province": "登记失业地不在本省",
        "place.no-agency": "登记失业地没有对应的经办机构",
        "agency.not-connected": "对应的经办机构未接入系统，请改派，或接入后释放",
        "application.unreadable": "申请内容无法读取",
        "application.conflict": "同一编号内容不同",
        "withdrawal.conflict": "同一撤回内容不同",
        "outcome.conflict": "同一版次审核结果内容不同",
        "registration.conflict": "同一版次本地受理登记内容不同",
        "deregistration.conflict": "同一版次失业登记注销内容不同",
        "return.conflict": "同一分派单的退回内容不同",
        "dispatch.refused": "经办机构系统拒收分派单",
        GIVEN_BACK: "经办机构退回",
        HELD_BY_OPERATOR: "人工挂起",
        RETURN_PENDING: "退回部端，部端尚未接收",
        RETURN_REFUSED: "部端未接收退回",
        FORWARDED_AGAIN: "退回部端后再次转来",
        RETURNED_TO_PORTAL: "部端已接收退回",
        "dispatch.unconfirmed": "分派单发送后无响应，再次发送被拒收，经办机构可能已收到",
        CONFIRMATION_NOT_BELIEVED: "部端的回执与已入库的内容不符",
        ACKNOWLEDGEMENT_REFUSED: "部端未接受下载确认",
        UNREADABLE_CASE: "相关办件的数据损坏，无法读取",
        UnreadableCode.DAMAGED: "台账数据损坏",
        UnreadableCode.SEAL_BROKEN: "加密数据无法解密",
    }
)
RELEASE_RESULTS: Final[Mapping[ReleaseResult, str]] = MappingProxyType(
    {
        ReleaseResult.RELEASED: "已释放",
        ReleaseResult.STILL_HELD: "仍挂起",
        ReleaseResult.NOT_HELD: "未挂起",
        ReleaseResult.UNKNOWN: "没有这个办件",
    }
)
ACT_RESULTS: Final[Mapping[ActResult, str]] = MappingProxyType(
    {
        ActResult.DONE: "已办理",
        ActResult.ALREADY: "此前已办理",
        ActResult.CLOSED: "已办结、已退回或已撤回，不再办理",
        ActResult.UNREADABLE: "内容无法读取，不能分派",
        ActResult.GOING_BACK: "退回部端处理中，不能分派",
        ActResult.BELONGS_HERE: "属于本省，不得退回",
        ActResult.UNFIT_REASON: "退回原因与办件不符",
        ActResult.UNKNOWN: "没有这个办件",
    }
)
ACTORS: Final[Mapping[str, str]] = MappingProxyType(
    {PORTAL: "部端", "intake": "网关", "calendar": "网关", "maintenance": "网关", LEDGER: "台账"}
)
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
        Finding.NOT_AFTER_EMPLOYMENT: "港澳台居民的失业原因不是在内地（大陆）就业后失业",
        Finding.NAME_INVISIBLE: "姓名含不可见或改变文字方向的字符",
        Finding.ALSO_APPLIED: "同一人另有未办结的申请",
        Finding.REGISTERED_LOCALLY: "同一人已由经办机构本地受理登记",
    }
)
AUDIT: Final[Mapping[str, str]] = MappingProxyType(
    {
        AuditCode.ENTRY_CHANGED: "办理经过被改动、插入或调换",
        AuditCode.ENTRY_MISSING: "办理经过中间缺少一条",
        AuditCode.TAIL_CUT: "办理经过的末尾被截去",
        AuditCode.CASE_CHANGED: "办件本身被改动，与最后一条经过或封印不符",
        AuditCode.SEAL_MISSING: "办件没有封印",
        AuditCode.LEDGER_ENTRY_CHANGED: "台账经过被改动",
        AuditCode.DISCLOSURE_CHANGED: "脱敏解除记录被改动或缺失",
        AuditCode.CASE_MISSING: "有办理经过而没有办件",
        AuditCode.UNREADABLE: "数据损坏，无法读取",
    }
)
LEDGER_STEPS: Final[Mapping[str, str]] = MappingProxyType(
    {
        LedgerStep.CASES_SEALED: "全部办件已有封印",
        LedgerStep.BACKUP_ACCEPTED: "认可恢复的备份",
    }
)
DISCLOSURES: Final[Mapping[str, str]] = MappingProxyType(
    {"poll.export": "导出待办清单", "case.form": "查看登记表"}
)
"""By what personal data were shown in full."""
FIGURES: Final[Mapping[AppraisalFigure, str]] = MappingProxyType(
    {
        AppraisalFigure.RECEIVED: "接收转办申请",
        AppraisalFigure.DOCKED_LATE: "对接滞后",
        AppraisalFigure.ANSWERED_LATE: "响应逾期",
        AppraisalFigure.FEEDBACK_WRONG: "反馈不准",
        AppraisalFigure.UPDATED_LATE: "更新不及时",
    }
)
CAUSES: Final[Mapping[Cause, str]] = MappingProxyType(
    {
        Cause.FORWARDED: "转办申请",
        Cause.STORED_LATE: "申报后未及时下载入库",
        Cause.ANSWERED_AFTER: "超过办结时限后办结、退回或撤回",
        Cause.STILL_OPEN: "超过办结时限，尚未办结",
        Cause.VERDICT_CHANGED: "更正改变了审核结论",
        Cause.UPLOAD_REFUSED: "部端拒收，尚未处理",
        Cause.CONTENT_CONFLICT: "同一版次内容不同",
        Cause.REPORTED_LATE: "办结后未及时上传",
        Cause.NOT_REPORTED: "办结后至今未上传",
    }
)
UNREADABLE_ROW: Final = "数据损坏，无法读取"
"""What a list shows of a row of which only the key can be shown."""


def describe_actor(actor: str, agencies: Mapping[str, str]) -> str:
    """Return who took a step as a clerk reads it; `agencies` are names by code."""
    if actor.startswith(OPERATOR):
        return f"经手人 {actor.removeprefix(OPERATOR)}"
    return ACTORS.get(actor) or agencies.get(actor, actor)


def describe_finding(written: str) -> str:
    """Return a finding as a clerk reads it: what it is, the member or rule, the article."""
    finding, detail = split_finding(written)
    if finding is None:
        return written
    where = f"（{detail}）" if detail else ""
    return f"{FINDINGS[finding]}{where}，依据：{SOURCES[finding]}"


def describe_late(minutes: int) -> str:
    """Return in words that an application came too late, by how long it was on its way."""
    return f"自提交至入库 {minutes} 分钟，超过 1 小时"
