"""What is wrong with the published files, in Chinese."""

from types import MappingProxyType
from typing import Final

from contracts.lint.violation import LintCode, Violation
from schemas.reasons.reason_texts import ReasonText, ReasonTexts, describe_reasons

_EXPORT: Final = "请执行 duijie contract export"
_EXAMPLE: Final = "请改正示例，或重新导出"
_VECTORS: Final = "请核对 contracts/publish/content_vectors.py，再重新导出"
_OPERATIONS: Final = "请改正 contracts/catalogue/operations.py，再重新导出"
_PATTERN: Final = "请改用各方言一致的写法"
_RECORD: Final = "请改正记录的模型，再重新导出"

LINT_TEXTS: Final[ReasonTexts] = MappingProxyType(
    {
        LintCode.MISSING: ReasonText("缺少文件", _EXPORT),
        LintCode.NOT_AS_EXPORTED: ReasonText("与导出的内容不同", _EXPORT),
        LintCode.HASHES: ReasonText("散列与文件不符", _EXPORT),
        LintCode.NOT_JSON: ReasonText("不是合法的 JSON（{said}）", _EXPORT),
        LintCode.NO_OBJECT: ReasonText("不是 JSON 对象", _EXPORT),
        LintCode.NO_SCHEMA: ReasonText("不是 JSON Schema 2020-12", _RECORD),
        LintCode.RECORD_NAME: ReasonText("没有写明该记录的名称", _RECORD),
        LintCode.YAML_WORD: ReasonText("YAML 1.1 会误读“{name}”", "请改名"),
        LintCode.OPEN_OBJECT: ReasonText("对象未拒收未知的数据项", _RECORD),
        LintCode.NO_TABLE: ReasonText("没有代码表 {table}", _RECORD),
        LintCode.NO_RECORD: ReasonText("没有记录 {record}", _EXAMPLE),
        LintCode.REFUSED: ReasonText("合法示例不符合规则 {rule}", _EXAMPLE),
        LintCode.TAKEN: ReasonText("非法示例符合其 Schema", _EXAMPLE),
        LintCode.NO_ENTRY: ReasonText("{file} 中没有该示例", _EXAMPLE),
        LintCode.NO_EXAMPLE: ReasonText("没有示例", "请在 contracts/publish/examples.py 中补充"),
        LintCode.EXAMPLE_GONE: ReasonText("示例不存在", _EXAMPLE),
        LintCode.UNKNOWN_CODE: ReasonText("errors.csv 中没有该错误代码", _EXAMPLE),
        LintCode.NO_VECTORS: ReasonText("不是内容向量文件", _VECTORS),
        LintCode.NO_RECORD_OF: ReasonText("{name}：没有记录 {record}，或内容不是该记录", _VECTORS),
        LintCode.OTHER_FORM: ReasonText("{name}：规范形式不同", _VECTORS),
        LintCode.OTHER_DIGEST: ReasonText("{name}：摘要与规范形式不符", _VECTORS),
        LintCode.NOT_THE_SAME: ReasonText("{name}：内容与 {other} 不同", _VECTORS),
        LintCode.OPENAPI_VERSION: ReasonText("不是 OpenAPI 3.1.0", _EXPORT),
        LintCode.WEBHOOKS: ReasonText("接口须全部写在 paths 下", _EXPORT),
        LintCode.DEAD_REFERENCE: ReasonText("{reference} 在文件内没有指向任何内容", _EXPORT),
        LintCode.OPERATION_ID: ReasonText("operationId 缺失或重复", _OPERATIONS),
        LintCode.NO_SUCCESS: ReasonText("没有成功的响应", _OPERATIONS),
        LintCode.NO_ANSWER: ReasonText("缺少状态码 {statuses} 的响应", _OPERATIONS),
        LintCode.PARAMETERS: ReasonText("路径与其参数不符", _OPERATIONS),
        LintCode.REGEX_NOT_ASCII: ReasonText("正则表达式含 ASCII 以外的字符", _PATTERN),
        LintCode.REGEX_ANCHORS: ReasonText("正则表达式没有以 ^ 开头、以 $ 结尾", _PATTERN),
        LintCode.REGEX_DIALECTS: ReasonText("{part} 在各方言中的含义不同", _PATTERN),
        LintCode.REGEX_NOT_OPENED: ReasonText("括号没有开始", _PATTERN),
        LintCode.REGEX_NOT_CLOSED: ReasonText("括号没有结束", _PATTERN),
        LintCode.REGEX_SET: ReasonText("字符类在某些方言中表示集合运算", _PATTERN),
        LintCode.REGEX_EXTENSION: ReasonText("使用了环视、懒惰或占有量词等扩展", _PATTERN),
        LintCode.REGEX_COUNT: ReasonText("重复次数超过 {maximum}", _PATTERN),
    }
)


def describe_violation(violation: Violation) -> str:
    """Return what is wrong, and what to do, in one line."""
    described = describe_reasons([violation.said], LINT_TEXTS)
    return f"{described.cause}；{described.cure}"
