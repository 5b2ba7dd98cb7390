"""错误目录 (errors.csv): every stable code of a problem body: title, cause, cure, clause, rule."""

import csv
import io
from collections.abc import Mapping
from dataclasses import astuple, dataclass, fields
from functools import cache
from types import MappingProxyType
from typing import Final

from contracts.catalogue.error_proofs import error_proofs
from schemas.records.problem_texts import PROBLEM_KINDS
from schemas.signing import EXPLANATIONS

_SIGNATURE: Final = "signature."
_FIELD: Final = "field."
_PREFIX: Final = "urn:duijie:problem:"

_FIELD_WORDS: Final[Mapping[str, tuple[str, str, str]]] = MappingProxyType(
    {
        "missing": (
            "缺少必填项",
            "必填项没有给出",
            "补齐该项",
        ),
        "extra-forbidden": (
            "多出的数据项",
            "契约中没有这一项, 或项名拼写有误",
            "删除, 或对照字段目录改名",
        ),
        "string-type": (
            "须为文本",
            "给出了数字、真假值或结构",
            "写成 JSON 文本, 代码和编号也是文本",
        ),
        "string-too-short": (
            "文本过短",
            "少于最少字符数",
            "对照字段目录的长度",
        ),
        "string-too-long": (
            "文本过长",
            "超过最多字符数",
            "对照字段目录的长度, 不得截断姓名",
        ),
        "string-pattern-mismatch": (
            "文本格式不符",
            "含不允许的字符或格式不对",
            "对照字段目录的格式",
        ),
        "float-type": (
            "须为整数",
            "给出了文本、小数或真假值",
            "写成 JSON 整数",
        ),
        "int-from-float": (
            "须为整数",
            "给出了文本、小数或真假值",
            "写成 JSON 整数",
        ),
        "bool-type": (
            "须为真假值",
            "给出了文本或数字",
            "写成 true 或 false",
        ),
        "greater-than-equal": (
            "数值过小",
            "小于最小值",
            "对照字段目录的范围",
        ),
        "less-than-equal": (
            "数值过大",
            "大于最大值",
            "对照字段目录的范围",
        ),
        "literal-error": (
            "取值不在范围",
            "不是规定的值",
            "对照字段目录",
        ),
        "enum": (
            "代码不在范围",
            "不是该封闭代码表的值",
            "对照代码表",
        ),
        "value-error": (
            "项目之间不一致",
            "条件必填或互斥规则不满足",
            "按提示补齐或删除",
        ),
        "too-short": (
            "条目过少",
            "少于最少条数",
            "至少一条",
        ),
        "too-long": (
            "条目过多",
            "超过最多条数",
            "分批发送",
        ),
        "tuple-type": (
            "须为数组",
            "给出了别的类型",
            "写成 JSON 数组",
        ),
        "model-type": (
            "须为对象",
            "给出了别的类型",
            "写成 JSON 对象",
        ),
        "union-tag-invalid": (
            "类别不合法",
            "kind 不是规定的类别",
            "kind 写 application 或 withdrawal",
        ),
        "union-tag-not-found": (
            "缺少类别",
            "没有 kind",
            "补上 kind",
        ),
        "date-from-datetime-parsing": (
            "日期不存在",
            "没有这一天",
            "核对年月日",
        ),
        "datetime-from-date-parsing": (
            "时间不存在",
            "没有这个时刻",
            "核对日期与时分秒",
        ),
        "json-invalid": (
            "不是合法的 JSON",
            "语法有误",
            "用标准库生成 JSON",
        ),
        "dict-type": ("须为对象", "给出了别的类型", "写成 JSON 对象"),
    }
)


@dataclass(frozen=True, slots=True)
class ErrorRow:
    """One row of the catalogue; `status` is 0 where the code never stands for a whole answer."""

    code: str
    type: str
    status: int
    title: str
    cause: str
    cure: str
    clause: str  # ids of requirements, standards, parts of the contract; a semicolon between
    rule: str


@cache
def errors() -> Mapping[str, ErrorRow]:
    """Return the catalogue by code: problems, signatures and keys, single members."""
    rows = [
        *(
            _row(code, kind.status, kind.title, kind.cause, kind.cure)
            for code, kind in PROBLEM_KINDS.items()
        ),
        *(
            _row(code.value, _status(code.value), said.title, said.cause, said.cure)
            for code, said in EXPLANATIONS.items()
        ),
        *(_row(f"{_FIELD}{name}", 0, *words) for name, words in _FIELD_WORDS.items()),
    ]
    return MappingProxyType({row.code: row for row in rows})


def errors_csv() -> bytes:
    """Return the published catalogue."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(field.name for field in fields(ErrorRow))
    writer.writerows(astuple(row) for row in errors().values())
    return text.getvalue().encode()


def _row(code: str, status: int, title: str, cause: str, cure: str) -> ErrorRow:
    """Raise `KeyError` where no clause and rule are given: no code without a reason."""
    said = error_proofs()[code]
    clause = ";".join(said.clauses)
    return ErrorRow(code, f"{_PREFIX}{code}", status, title, cause, cure, clause, said.rule)


def _status(code: str) -> int:
    """A signature that proves nothing is answered 401; a bad key file is answered nobody."""
    return 401 if code.startswith(_SIGNATURE) else 0
