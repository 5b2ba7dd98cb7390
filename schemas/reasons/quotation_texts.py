"""What the system or a library means, in Chinese; where no words are known, its own are quoted."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from schemas.reasons.quotations import Quotation, Source

_NAMES: Final[Mapping[Source, str]] = MappingProxyType(
    {
        Source.SYSTEM: "系统错误",
        Source.SQLITE: "SQLite 错误",
        Source.POSTGRESQL: "PostgreSQL 错误",
        Source.TOML: "TOML 有误",
        Source.YAML: "YAML 有误",
        Source.PYDANTIC: "取值不符合规则",
        Source.TEXT: "文本有误",
        Source.PROGRAM: "程序自带的数据有误",
    }
)
_ALWAYS_QUOTED: Final = frozenset({Source.POSTGRESQL, Source.PROGRAM})
"""Of these the sentence says more than the code does."""
QUOTATION_TEXTS: Final[Mapping[tuple[Source, str], str]] = MappingProxyType(
    {
        (Source.SYSTEM, "ENOENT"): "文件或文件夹不存在",
        (Source.SYSTEM, "EACCES"): "没有访问权限",
        (Source.SYSTEM, "EPERM"): "系统不允许此操作",
        (Source.SYSTEM, "EISDIR"): "此路径是文件夹，不是文件",
        (Source.SYSTEM, "ENOTDIR"): "路径中有一段不是文件夹",
        (Source.SYSTEM, "EEXIST"): "文件已存在",
        (Source.SYSTEM, "EROFS"): "文件系统只读",
        (Source.SYSTEM, "ENOSPC"): "磁盘空间不足",
        (Source.SYSTEM, "EDQUOT"): "超过磁盘配额",
        (Source.SYSTEM, "EIO"): "磁盘读写错误",
        (Source.SYSTEM, "ELOOP"): "符号链接过多或循环",
        (Source.SYSTEM, "ENAMETOOLONG"): "路径过长",
        (Source.SYSTEM, "EMFILE"): "打开的文件过多",
        (Source.SYSTEM, "EADDRINUSE"): "地址或端口已被占用",
        (Source.SYSTEM, "EADDRNOTAVAIL"): "本机没有此地址",
        (Source.SYSTEM, "ECONNREFUSED"): "对端拒绝连接",
        (Source.SYSTEM, "ETIMEDOUT"): "连接超时",
        (Source.SYSTEM, "EHOSTUNREACH"): "无法到达对端主机",
        (Source.SYSTEM, "ENETUNREACH"): "网络不可达",
        (Source.SYSTEM, ""): "系统没有说明原因",
        (Source.SQLITE, "SQLITE_NOTADB"): "不是 SQLite 数据库文件",
        (Source.SQLITE, "SQLITE_CORRUPT"): "数据库文件损坏",
        (Source.SQLITE, "SQLITE_CANTOPEN"): "无法打开数据库文件",
        (Source.SQLITE, "SQLITE_READONLY"): "数据库文件只读",
        (Source.SQLITE, "SQLITE_BUSY"): "数据库文件被其他程序占用",
        (Source.SQLITE, "SQLITE_FULL"): "磁盘空间不足",
        (Source.POSTGRESQL, ""): "无法连接数据库服务器",
        (Source.POSTGRESQL, "28P01"): "数据库口令不正确",
        (Source.POSTGRESQL, "28000"): "数据库服务器不允许此用户登录",
        (Source.POSTGRESQL, "3D000"): "数据库不存在",
        (Source.POSTGRESQL, "42501"): "数据库用户没有所需权限",
        (Source.POSTGRESQL, "53100"): "数据库服务器磁盘空间不足",
        (Source.POSTGRESQL, "53300"): "数据库服务器连接过多",
        (Source.POSTGRESQL, "57P03"): "数据库服务器正在启动或停止",
        (Source.POSTGRESQL, "25006"): "数据库服务器只读",
        (Source.TOML, "syntax"): "第 {line} 行第 {column} 列不是合法的 TOML",
        (Source.TOML, "end"): "文件末尾不完整，不是合法的 TOML",
        (Source.YAML, "syntax"): "第 {line} 行第 {column} 列不是合法的 YAML",
        (Source.TEXT, "csv"): "不是合法的 CSV",
        (Source.TEXT, "not-utf-8"): "编码不是 UTF-8（第 {byte} 字节处）",
        (Source.PYDANTIC, "string_type"): "须为文本",
        (Source.PYDANTIC, "string_too_short"): "至少 {min_length} 个字符",
        (Source.PYDANTIC, "string_too_long"): "最多 {max_length} 个字符",
        (Source.PYDANTIC, "string_pattern_mismatch"): "格式须符合正则表达式 {pattern}",
        (Source.PYDANTIC, "string_unicode"): "须为合法的 Unicode 文本",
        (Source.PYDANTIC, "int_type"): "须为整数",
        (Source.PYDANTIC, "int_parsing"): "须为整数",
        (Source.PYDANTIC, "int_parsing_size"): "数值过大",
        (Source.PYDANTIC, "int_from_float"): "须为整数，不带小数",
        (Source.PYDANTIC, "float_type"): "须为数值",
        (Source.PYDANTIC, "float_parsing"): "须为数值",
        (Source.PYDANTIC, "finite_number"): "须为有限的数值",
        (Source.PYDANTIC, "bool_type"): "须为 true 或 false",
        (Source.PYDANTIC, "bool_parsing"): "须为 true 或 false",
        (Source.PYDANTIC, "greater_than_equal"): "不得小于 {ge}",
        (Source.PYDANTIC, "greater_than"): "须大于 {gt}",
        (Source.PYDANTIC, "less_than_equal"): "不得大于 {le}",
        (Source.PYDANTIC, "less_than"): "须小于 {lt}",
        (Source.PYDANTIC, "enum"): "须为 {expected} 之一",
        (Source.PYDANTIC, "literal_error"): "须为 {expected} 之一",
        (Source.PYDANTIC, "too_short"): "至少 {min_length} 项",
        (Source.PYDANTIC, "too_long"): "最多 {max_length} 项",
        (Source.PYDANTIC, "path_type"): "须为文件或文件夹的路径",
        (Source.PYDANTIC, "tuple_type"): "须为数组",
        (Source.PYDANTIC, "list_type"): "须为数组",
        (Source.PYDANTIC, "dict_type"): "须为表（一组设置）",
        (Source.PYDANTIC, "mapping_type"): "须为表（一组设置）",
        (Source.PYDANTIC, "model_type"): "须为表（一组设置）",
        (Source.PYDANTIC, "model_attributes_type"): "须为表（一组设置）",
    }
)


def describe_quotation(said: Quotation) -> str:
    """Return what was meant; a code without words goes by its name."""
    known = QUOTATION_TEXTS.get((said.source, said.code))
    if known is None:
        return f"{_NAMES[said.source]} {said.code}".rstrip()
    return known.format_map(said.params)


def original_of(said: Quotation) -> str:
    """Return the sentence as it came where the Chinese says less; empty where it does not."""
    known = (said.source, said.code) in QUOTATION_TEXTS
    return f"原文：{said.english}" if said.source in _ALWAYS_QUOTED or not known else ""
