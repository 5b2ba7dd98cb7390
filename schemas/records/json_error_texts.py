"""报文格式错误的说明: what each way of being malformed JSON means, by its code."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from schemas.records.field_error_texts import FieldErrorText
from schemas.records.json_errors import DEEPEST, LONGEST_ITEM_BYTES, JsonErrorCode

_LIBRARY: Final = "请用标准库生成 JSON"

JSON_ERROR_TEXTS: Final[Mapping[JsonErrorCode, FieldErrorText]] = MappingProxyType(
    {
        JsonErrorCode.EMPTY: FieldErrorText(
            "没有正文", "正文为空或只有空白", "请按接口要求发送 JSON 正文"
        ),
        JsonErrorCode.UTF_16: FieldErrorText(
            "编码为 UTF-16 或 UTF-32",
            "每个字符占多个字节，或以 FF FE、FE FF 开头",
            "请改用 UTF-8 编码",
        ),
        JsonErrorCode.NOT_UTF_8: FieldErrorText(
            "编码不是 UTF-8",
            "多为 GBK 或 GB18030，或字符被截断",
            "请改用 UTF-8 编码，不得截断字节",
        ),
        JsonErrorCode.SYNTAX: FieldErrorText(
            "不是合法的 JSON", "语法有误、NaN、孤立代理项或内容不全", _LIBRARY
        ),
        JsonErrorCode.DUPLICATE_MEMBER: FieldErrorText(
            "成员名重复", "同一对象中有两个同名成员", "请每个成员只写一次"
        ),
        JsonErrorCode.TOO_DEEP: FieldErrorText(
            "嵌套过深", f"对象和数组嵌套超过 {DEEPEST} 层", "请按接口约定的结构生成"
        ),
        JsonErrorCode.NUL: FieldErrorText("文本含 NUL 字符", "文本中含 U+0000", "请删除该字符"),
        JsonErrorCode.TOO_MANY_VALUES: FieldErrorText(
            "内容过多", "值的个数超出任何合规报文", "请分批发送，每批不超过 200 条"
        ),
        JsonErrorCode.ITEM_TOO_LONG: FieldErrorText(
            "单条过长", f"一条超过 {LONGEST_ITEM_BYTES} 字节", "请对照数据项目录的长度"
        ),
    }
)
