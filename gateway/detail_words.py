"""办理经过用词: Chinese words for the notes and details that the ledger keeps in codes."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

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
    SENT_AGAIN,
    Detail,
    read_details,
)
from gateway.domain.operator_acts import ANNOTATED, ASSIGNED, DISCLOSED, RETURN_PENDING
from gateway.domain.portal_return import RETURN_REFUSED
from gateway.domain.receipts import ACKNOWLEDGEMENT_REFUSED
from gateway.domain.return_rules import GIVEN_BACK
from gateway.ports.unreadable import UnreadableCode
from gateway.sending_words import MESSAGES, SENDING_ERRORS, describe_sending
from gateway.words import HOLDS
from schemas.records.application_returns import APPLICATION_RETURN_REASON
from schemas.records.json_errors import DEEPEST, LONGEST_ITEM_BYTES, JsonErrorCode
from schemas.records.outcomes import Verdict
from schemas.records.problem_texts import PROBLEM_TEXTS
from schemas.records.returns import RETURN_REASON
from schemas.reference.codes import CodeTables

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
_VERDICTS: Final[Mapping[str, str]] = MappingProxyType(
    {Verdict.PASSED: "（通过）", Verdict.NOT_PASSED: "（不通过）"}
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
        DISCLOSED: "查看未脱敏的登记表",
    }
)


def describe_details(written: str) -> str:
    """Return why something was quarantined as a clerk reads it; other text stays as it is."""
    return "；".join(map(_describe, read_details(written))) or written


def describe_note(note: str | None) -> str | None:
    """Return the note of a step in a case's history as a clerk reads it."""
    if not note:
        return note
    return HOLDS.get(note) or SENDING_ERRORS.get(note) or describe_details(note)


def _describe(detail: Detail) -> str:
    if (describe := _DESCRIBED.get(detail.code)) is not None:
        return describe(detail.params)
    if detail.code in _FIELDS:
        member = detail.params.get("pointer", "").removeprefix("/")
        return f"{member or '报文'}：{_FIELDS[detail.code]}"
    try:
        return _DETAILS[detail.code].format_map(detail.params)
    except KeyError:  # no words for the code, or a parameter that they name is not there
        return str(detail)


def _describe_differing(params: Mapping[str, str]) -> str:
    if "revision" not in params:
        return _DETAILS[DIFFERS]
    return f"版次 {params['revision']} 此前已接收，本次内容不同"


def _describe_decision(params: Mapping[str, str]) -> str:
    verdict = _VERDICTS.get(params.get("verdict", ""), "")
    return f"结果版次 {params.get('revision', '')}{verdict}"


def _describe_release(params: Mapping[str, str]) -> str:
    reason = params.get("reason", "")
    return f"人工释放，原挂起原因：{HOLDS.get(reason, reason)}"


def _describe_deregistration(params: Mapping[str, str]) -> str:
    due = "，尚待告知" if params.get("notice") == "due" else ""
    ground, revision = params.get("ground", ""), params.get("revision", "")
    return f"失业登记注销：情形 {ground}，版次 {revision}{due}"


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


def _describe_sent_again(params: Mapping[str, str]) -> str:
    message = MESSAGES.get(params.get("kind", ""), "报文")
    day, revision = params.get("date", ""), params.get("revision", "")
    return f"对账（{day}）发现部端没有版次 {revision} 的{message}，已重新列入待发"


def _describe_return(params: Mapping[str, str]) -> str:
    reason, place = params.get("reason", ""), params.get("belongs_to")
    tables = CodeTables.load()
    known = tables.known(RETURN_REASON.table, reason)
    said = tables.name(RETURN_REASON.table, reason) if known else reason
    return f"退回原因：{said}" + (f"，应属区划 {place}" if place else "")


def _describe_portal_return(params: Mapping[str, str]) -> str:
    reason, place = params.get("reason", ""), params.get("belongs_to")
    tables, table = CodeTables.load(), APPLICATION_RETURN_REASON.table
    said = tables.name(table, reason) if tables.known(table, reason) else reason
    return f"退回部端，原因：{said}" + (f"，应属区划 {place}" if place else "")


def _describe_refused_return(params: Mapping[str, str]) -> str:
    return f"部端未接收退回：{describe_sending(params.get('code'))}"


_DESCRIBED: Final[Mapping[str, Callable[[Mapping[str, str]], str]]] = MappingProxyType(
    {
        DIFFERS: _describe_differing,
        DECIDED: _describe_decision,
        RELEASED: _describe_release,
        DEREGISTERED: _describe_deregistration,
        ACKNOWLEDGEMENT_REFUSED: _describe_refused_acknowledgement,
        OUTCOME_REFUSED: _describe_refused_outcome,
        GIVEN_BACK: _describe_return,
        RETURN_PENDING: _describe_portal_return,
        RETURN_REFUSED: _describe_refused_return,
        ASSIGNED: _describe_assignment,
        SENT_AGAIN: _describe_sent_again,
    }
)
"""Details whose words depend on more than their code."""
