"""字段错误的说明: what each rule that a member can break means, by the code behind `field.`."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class FieldErrorText:
    """What a person reads about a member that is wrong: title, cause (原因) and cure (处理办法)."""

    title: str
    cause: str
    cure: str


FIELD_ERROR_TEXTS: Final[Mapping[str, FieldErrorText]] = MappingProxyType(
    {
        "missing": FieldErrorText("缺少必填项", "未给出必填项", "请补齐该项"),
        "extra-forbidden": FieldErrorText(
            "多出的数据项", "接口约定中没有该项，或项名拼写有误", "请删除，或对照数据项目录改名"
        ),
        "string-type": FieldErrorText(
            "须为文本", "给出了数字、布尔值或结构", "请写作 JSON 文本；代码和编号也是文本"
        ),
        "string-too-short": FieldErrorText("文本过短", "少于最少字符数", "请对照数据项目录的长度"),
        "string-too-long": FieldErrorText(
            "文本过长", "超过最多字符数", "请对照数据项目录的长度，不得截断姓名"
        ),
        "string-pattern-mismatch": FieldErrorText(
            "文本格式不符", "含不允许的字符，或格式有误", "请对照数据项目录的格式"
        ),
        "float-type": FieldErrorText("须为整数", "给出了文本、小数或布尔值", "请写作 JSON 整数"),
        "int-from-float": FieldErrorText(
            "须为整数", "给出了文本、小数或布尔值", "请写作 JSON 整数"
        ),
        "bool-type": FieldErrorText("须为布尔值", "给出了文本或数字", "请写作 true 或 false"),
        "greater-than-equal": FieldErrorText("数值过小", "小于最小值", "请对照数据项目录的范围"),
        "less-than-equal": FieldErrorText("数值过大", "大于最大值", "请对照数据项目录的范围"),
        "literal-error": FieldErrorText("取值不在范围内", "不是规定的值", "请对照数据项目录"),
        "enum": FieldErrorText("代码不在范围内", "不是该封闭代码表中的值", "请对照代码表"),
        "value-error": FieldErrorText(
            "各项之间不一致", "不满足条件必填或互斥规则", "请按提示补齐或删除"
        ),
        "too-short": FieldErrorText("条目过少", "少于最少条数", "请至少给出一条"),
        "too-long": FieldErrorText("条目过多", "超过最多条数", "请分批发送"),
        "tuple-type": FieldErrorText("须为数组", "给出了其他类型", "请写作 JSON 数组"),
        "model-type": FieldErrorText("须为对象", "给出了其他类型", "请写作 JSON 对象"),
        "union-tag-invalid": FieldErrorText(
            "类别不合法", "kind 不是规定的类别", "请将 kind 写作 application 或 withdrawal"
        ),
        "union-tag-not-found": FieldErrorText("缺少类别", "没有给出 kind", "请补充 kind"),
        "date-from-datetime-parsing": FieldErrorText(
            "日期不存在", "历法中没有该日期", "请核对年月日"
        ),
        "datetime-from-date-parsing": FieldErrorText(
            "时间不存在", "历法中没有该时刻", "请核对日期与时分秒"
        ),
        "json-invalid": FieldErrorText("不是合法的 JSON", "语法有误", "请用标准库生成 JSON"),
        "dict-type": FieldErrorText("须为对象", "给出了其他类型", "请写作 JSON 对象"),
    }
)
