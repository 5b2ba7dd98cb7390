"""字段错误的说明: what each rule that a member can break means, by the code behind `field.`."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class FieldErrorText:
    """What a person reads about a member that is wrong: title, cause (原因) and cure (办法)."""

    title: str
    cause: str
    cure: str


FIELD_ERROR_TEXTS: Final[Mapping[str, FieldErrorText]] = MappingProxyType(
    {
        "missing": FieldErrorText("缺少必填项", "必填项没有给出", "补齐该项"),
        "extra-forbidden": FieldErrorText(
            "多出的数据项", "接口约定中没有这一项, 或项名拼写有误", "删除, 或对照字段目录改名"
        ),
        "string-type": FieldErrorText(
            "须为文本", "给出了数字、布尔值或结构", "写成 JSON 文本, 代码和编号也是文本"
        ),
        "string-too-short": FieldErrorText("文本过短", "少于最少字符数", "对照字段目录的长度"),
        "string-too-long": FieldErrorText(
            "文本过长", "超过最多字符数", "对照字段目录的长度, 不得截断姓名"
        ),
        "string-pattern-mismatch": FieldErrorText(
            "文本格式不符", "含不允许的字符或格式不对", "对照字段目录的格式"
        ),
        "float-type": FieldErrorText("须为整数", "给出了文本、小数或布尔值", "写成 JSON 整数"),
        "int-from-float": FieldErrorText("须为整数", "给出了文本、小数或布尔值", "写成 JSON 整数"),
        "bool-type": FieldErrorText("须为布尔值", "给出了文本或数字", "写成 true 或 false"),
        "greater-than-equal": FieldErrorText("数值过小", "小于最小值", "对照字段目录的范围"),
        "less-than-equal": FieldErrorText("数值过大", "大于最大值", "对照字段目录的范围"),
        "literal-error": FieldErrorText("取值不在范围", "不是规定的值", "对照字段目录"),
        "enum": FieldErrorText("代码不在范围", "不是该封闭代码表的值", "对照代码表"),
        "value-error": FieldErrorText(
            "项目之间不一致", "条件必填或互斥规则不满足", "按提示补齐或删除"
        ),
        "too-short": FieldErrorText("条目过少", "少于最少条数", "至少一条"),
        "too-long": FieldErrorText("条目过多", "超过最多条数", "分批发送"),
        "tuple-type": FieldErrorText("须为数组", "给出了别的类型", "写成 JSON 数组"),
        "model-type": FieldErrorText("须为对象", "给出了别的类型", "写成 JSON 对象"),
        "union-tag-invalid": FieldErrorText(
            "类别不合法", "kind 不是规定的类别", "kind 写 application 或 withdrawal"
        ),
        "union-tag-not-found": FieldErrorText("缺少类别", "没有 kind", "补上 kind"),
        "date-from-datetime-parsing": FieldErrorText("日期不存在", "没有这一天", "核对年月日"),
        "datetime-from-date-parsing": FieldErrorText(
            "时间不存在", "没有这个时刻", "核对日期与时分秒"
        ),
        "json-invalid": FieldErrorText("不是合法的 JSON", "语法有误", "用标准库生成 JSON"),
        "dict-type": FieldErrorText("须为对象", "给出了别的类型", "写成 JSON 对象"),
    }
)
