"""建表脚本: the exchange tables (前置库) as each kind of database is told to make them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from contracts.catalogue.exchange_words import COLUMN_WORDS, TABLE_WORDS
from schemas.records.exchange_tables import (
    EXCHANGE_TABLES,
    PREFIX,
    Column,
    ColumnType,
    ExchangeTable,
    TableName,
    Writer,
)

FOLDER: Final = "exchange-tables"
_WRITERS: Final = {
    Writer.GATEWAY: "网关",
    Writer.AGENCY: "经办机构",
    Writer.BOTH: "双方",
}
_GRANTS: Final[Mapping[TableName, str]] = MappingProxyType(
    {
        TableName.DISPATCH: "SELECT, INSERT, UPDATE",
        TableName.RESULT: "SELECT, UPDATE",
        TableName.ERROR: "SELECT, INSERT",
    }
)


@dataclass(frozen=True, slots=True)
class TableDialect:
    """How a kind of database writes columns and what follows a table; `is_tested` is for real."""

    title: str
    text: str
    whole: str
    document: str
    is_tested: bool = False
    after: str = ""
    note: str = ""


_UTF8: Final = "数据库须为 UTF-8"
TABLE_DIALECTS: Final[Mapping[str, TableDialect]] = MappingProxyType(
    {
        "postgres": TableDialect(
            "PostgreSQL 14 及以上", "VARCHAR({n})", "INTEGER", "TEXT", is_tested=True, note=_UTF8
        ),
        "mariadb": TableDialect(
            "MariaDB 10.6 及以上、MySQL 8",
            *("VARCHAR({n})", "INTEGER", "MEDIUMTEXT"),
            is_tested=True,
            after=" ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin",
            note="表须为 utf8mb4；utf8（utf8mb3）不能保存“𠮷”等生僻字。测试所用为 MariaDB",
        ),
        "sqlite": TableDialect(
            "SQLite 3", "TEXT", "INTEGER", "TEXT", is_tested=True, note="仅限两个程序在同一台机器上"
        ),
        "dameng": TableDialect(
            "达梦 DM8", "VARCHAR({n} CHAR)", "INTEGER", "CLOB", note="建库时字符集须选 UTF-8"
        ),
        "kingbase": TableDialect(
            "人大金仓 KingbaseES V8", "VARCHAR({n} CHAR)", "INTEGER", "TEXT", note=_UTF8
        ),
        "oracle": TableDialect(
            "Oracle 12.2 及以上",
            *("VARCHAR2({n} CHAR)", "NUMBER(10)", "CLOB"),
            note="数据库字符集须为 AL32UTF8",
        ),
    }
)


def table_definitions() -> Iterator[tuple[str, bytes]]:
    """Yield the path and the content of each script."""
    for name, dialect in TABLE_DIALECTS.items():
        yield f"{FOLDER}/{name}.sql", definition(dialect).encode()


def definition(dialect: TableDialect, prefix: str = PREFIX) -> str:
    """Return the script that makes the three tables in one kind of database."""
    return "\n".join((*_heading(dialect), *_tables(dialect, prefix), *_grants(prefix)))


def _heading(dialect: TableDialect) -> Iterator[str]:
    yield f"-- 前置库建表脚本：{dialect.title}。"
    yield "-- 由 contracts/publish 生成；说明见 exchange-tables.md。"
    if not dialect.is_tested:
        yield "-- 未经测试：尚未在真实的该数据库上运行过，网关也未提供其驱动；使用前请自行验证。"
    yield f"-- {dialect.note}。"
    yield ""


def _tables(dialect: TableDialect, prefix: str) -> Iterator[str]:
    for table in EXCHANGE_TABLES:
        yield f"-- {TABLE_WORDS[table.name]}"
        yield f"CREATE TABLE {prefix}{table.name} ("
        yield from _columns(table, dialect)
        yield f"    PRIMARY KEY ({table.columns[0].name})"
        yield f"){dialect.after};"
        for place, columns in enumerate(table.indexes, 1):
            name = f"{prefix}{table.name}_i{place}"
            yield f"CREATE INDEX {name} ON {prefix}{table.name} ({', '.join(columns)});"
        yield ""


def _columns(table: ExchangeTable, dialect: TableDialect) -> Iterator[str]:
    words = COLUMN_WORDS[table.name]
    for column in table.columns:
        default = f" DEFAULT '{column.default}'" if column.default else ""
        required = " NOT NULL" if column.required else ""
        kind = _type(column, dialect)
        comment = f"{words[column.name]}（{_WRITERS[column.writer]}）"
        yield f"    {column.name} {kind}{default}{required}, -- {comment}"


def _type(column: Column, dialect: TableDialect) -> str:
    match column.type:
        case ColumnType.WHOLE:
            return dialect.whole
        case ColumnType.DOCUMENT:
            return dialect.document
        case ColumnType.TEXT:
            return dialect.text.format(n=column.length)


def _grants(prefix: str) -> Iterator[str]:
    yield "-- 网关的用户只需要下列权限，请以实际的用户名代替 duijie 后执行："
    for name, rights in _GRANTS.items():
        yield f"-- GRANT {rights} ON {prefix}{name} TO duijie;"
    yield ""
