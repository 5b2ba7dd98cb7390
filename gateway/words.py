"""用词: Chinese words for what the ledger says in codes, for pages and the command line."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from gateway.domain.audit import AuditCode
from gateway.domain.case import State, Step
from gateway.domain.detail import (
    ALSO_APPLIED,
    DECIDED,
    DEREGISTERED,
    DIFFERS,
    DUE_KNOWN,
    OUTCOME_REFUSED,
    PLACE_IN_PAGE,
    REGISTERED_LOCALLY,
    RELEASED,
    Detail,
    read_details,
)
from gateway.domain.feed_items import UNREADABLE_CASE
from gateway.domain.ledger_entry import LedgerStep
from gateway.domain.operator_acts import (
    ANNOTATED,
    ASSIGNED,
    HELD_BY_OPERATOR,
    OPERATOR,
    ActResult,
)
from gateway.domain.receipts import ACKNOWLEDGEMENT_REFUSED, CONFIRMATION_NOT_BELIEVED
from gateway.domain.release import ReleaseResult
from gateway.domain.return_rules import GIVEN_BACK
from gateway.domain.screening import SOURCES, Finding, split_finding
from gateway.ports import PORTAL
from gateway.ports.quarantine import LEDGER
from gateway.ports.unreadable import UnreadableCode
from gateway.sending_words import SENDING_ERRORS
from schemas.records.applications import HOUSEHOLD, INSURED, RESIDENCE, WORKPLACE
from schemas.records.json_errors import DEEPEST, LONGEST_ITEM_BYTES, JsonErrorCode
from schemas.records.problem_texts import PROBLEM_TEXTS
from schemas.records.returns import RETURN_REASON
from schemas.reference.codes import CodeTables

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
HOLDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "place.unknown": "登记失业地的行政区划代码无法识别",
        "place.out-of-province": "登记失业地不在本省",
        "place.no-agency": "登记失业地没有对应的经办机构",
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

_FIELDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "field.missing": "缺少必填项",
        "field.extra-forbidden": "含接口约定中没有的项",
        "field.string-type": "须为文本",
        "field.string-pattern-mismatch": "格式不符",
        "field.string-too-long": "过长",
        "field.string-too-short": "过短",
        "field.too-long": "条数过多",
        "field.literal-error": "取值不在规定范围",
        "field.bool-type": "须为布尔值",
        "field.int-type": "须为整数",
        "field.date-from-datetime-parsing": "日期不存在",
        "field.datetime-from-date-parsing": "时间不存在",
        "field.value-error": "各项之间不一致",
        "field.model-type": "须为对象",
        "field.union-tag-invalid": "既不是申请也不是撤回",
        "field.union-tag-not-found": "未写明是申请还是撤回",
    }
)
_DETAILS: Final[Mapping[str, str]] = MappingProxyType(
    {
        JsonErrorCode.EMPTY: "没有内容",
        JsonErrorCode.UTF_16: "编码为 UTF-16 或 UTF-32",
        JsonErrorCode.NOT_UTF_8: "编码不是 UTF-8（第 {byte} 字节处）",
        JsonErrorCode.SYNTAX: "不是合法的 JSON（第 {byte} 字节处）",
        JsonErrorCode.DUPLICATE_MEMBER: "同一对象内成员名重复",
        JsonErrorCode.TOO_DEEP: f"嵌套超过 {DEEPEST} 层",
        JsonErrorCode.NUL: "文本含 NUL 字符",
        JsonErrorCode.TOO_MANY_VALUES: "内容项数过多，超出任何合规报文",
        JsonErrorCode.ITEM_TOO_LONG: f"单个条目超过 {LONGEST_ITEM_BYTES} 字节",
        JsonErrorCode.PAGE_NOT_AN_OBJECT: "整页不是对象",
        JsonErrorCode.PAGE_WITHOUT_LIST: "整页中没有可识别的条目列表",
        JsonErrorCode.PAGE_LIST_UNFINISHED: "条目列表没有结束",
        JsonErrorCode.PAGE_BROKEN: "括号不成对，整页无法解析",
        DIFFERS: "同一编号此前已接收，本次内容不同",
        DECIDED: "结果版次 {revision}",
        ALSO_APPLIED: "同一人另有未办结的申请：{keys}",
        REGISTERED_LOCALLY: "同一人已由经办机构本地受理登记：{key}",
        DUE_KNOWN: "工作日历已公布，办结时限为 {on}",
        UnreadableCode.DAMAGED: "表 {table} 中该行的数据损坏，原行未作改动，修复后可继续办理",
        UnreadableCode.SEAL_BROKEN: "表 {table} 中该行的加密数据无法解密：被改动、被移动或缺少密钥",
        "receipt.other-kind": "回执的类别不符",
        "receipt.other-key": "回执的键不符",
        "receipt.other-revision": "回执的版次不符",
        "receipt.other-digest": "回执的摘要不符，部端所转内容与已入库的可能不同",
        PLACE_IN_PAGE: "本页第 {place} 条",
        ANNOTATED: "人工备注",
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
UNREADABLE_ROW: Final = "数据损坏，无法读取"
"""What a list shows of a row of which only the key can be shown."""


def describe_details(written: str) -> str:
    """Return why something was quarantined as a clerk reads it; other text stays as it is."""
    return "；".join(map(_describe, read_details(written))) or written


def describe_note(note: str | None) -> str | None:
    """Return the note of a step in a case's history as a clerk reads it."""
    if not note:
        return note
    return HOLDS.get(note) or SENDING_ERRORS.get(note) or describe_details(note)


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


def _describe(detail: Detail) -> str:
    if (describe := _DESCRIBED.get(detail.code)) is not None:
        return describe(detail.params)
    if detail.code in _FIELDS:
        member = detail.params.get("pointer", "").removeprefix("/")
        return f"{member or '报文'}：{_FIELDS[detail.code]}"
    words = _DETAILS.get(detail.code)
    return str(detail) if words is None else words.format_map(detail.params)


def _describe_differing(params: Mapping[str, str]) -> str:
    if "revision" not in params:
        return _DETAILS[DIFFERS]
    return f"版次 {params['revision']} 此前已接收，本次内容不同"


def _describe_release(params: Mapping[str, str]) -> str:
    reason = params.get("reason", "")
    return f"人工释放，原挂起原因：{HOLDS.get(reason, reason)}"


def _describe_deregistration(params: Mapping[str, str]) -> str:
    due = "，尚待告知" if params.get("notice") == "due" else ""
    return "失业登记注销：情形 {ground}，版次 {revision}".format_map(params) + due


def _describe_refused_acknowledgement(params: Mapping[str, str]) -> str:
    return f"部端返回：{_title(params)}"


def _describe_refused_outcome(params: Mapping[str, str]) -> str:
    return f"版次 {params.get('revision', '')} 的审核结果未被接受：{_title(params)}"


def _title(params: Mapping[str, str]) -> str:
    code = params.get("code", "")
    return PROBLEM_TEXTS[code].title if code in PROBLEM_TEXTS else code


def _describe_assignment(params: Mapping[str, str]) -> str:
    before = params.get("from")
    return f"改派至 {params.get('to', '')}" + (f"（原为 {before}）" if before else "")


def _describe_return(params: Mapping[str, str]) -> str:
    reason, place = params.get("reason", ""), params.get("belongs_to")
    tables = CodeTables.load()
    known = tables.known(RETURN_REASON.table, reason)
    said = tables.name(RETURN_REASON.table, reason) if known else reason
    return f"退回原因：{said}" + (f"，应属区划 {place}" if place else "")


_DESCRIBED: Final[Mapping[str, Callable[[Mapping[str, str]], str]]] = MappingProxyType(
    {
        DIFFERS: _describe_differing,
        RELEASED: _describe_release,
        DEREGISTERED: _describe_deregistration,
        ACKNOWLEDGEMENT_REFUSED: _describe_refused_acknowledgement,
        OUTCOME_REFUSED: _describe_refused_outcome,
        GIVEN_BACK: _describe_return,
        ASSIGNED: _describe_assignment,
    }
)
"""Details whose words depend on more than their code."""
