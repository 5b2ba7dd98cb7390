"""前置库: the three exchange tables of an agency, column by column, and who writes what in them.

Gateway, stand-in agency and the published definitions (DDL) all go by this. Instants are text in
RFC 3339, UTC, to the microsecond, so that no clock and no time zone of a database has a say.

Assumed: names, columns and states; the notices know exchange databases by name only.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

PREFIX: Final = "duijie_"
"""What the names of the tables begin with, unless both sides agree on another prefix."""


class TableName(StrEnum):
    """The three tables, without their prefix."""

    DISPATCH = "dispatch"  # 分派单表: the gateway writes, the agency reads
    RESULT = "result"  # 结果表: the agency writes, the gateway takes
    ERROR = "error"  # 错误表: the gateway says why a row was not taken


class DispatchStatus(StrEnum):
    """分派单表的状态; each side moves a row forward only."""

    READY = "READY"  # 待取: written by the gateway, whole
    TAKEN = "TAKEN"  # 已取: the agency has it in its own system
    CLOSED = "CLOSED"  # 已办结: the gateway has the outcome
    REVOKED = "REVOKED"  # 已失效: withdrawn, reassigned or returned; not to be decided any more
    TEST = "TEST"  # 测试: written by `duijie agency check`, never a case


class ResultStatus(StrEnum):
    """结果表的状态; only a row that its writer set to READY is looked at."""

    DRAFT = "DRAFT"  # 编写中: the gateway does not look at it
    READY = "READY"  # 待取: the agency has written it, whole
    TAKEN = "TAKEN"  # 已接收: stored by the gateway; the receipt is in the row
    REFUSED = "REFUSED"  # 未接收: why is in the table of errors
    CHANGED = "CHANGED"  # 接收后被改动: the first content stands


class ResultKind(StrEnum):
    """结果表的类别: which record a row holds."""

    REGISTRATION = "registration"  # 本地受理登记
    OUTCOME = "outcome"  # 审核结果
    RETURN = "return"  # 退回
    DEREGISTRATION = "deregistration"  # 失业登记注销


class ErrorStatus(StrEnum):
    """错误表的状态."""

    NEW = "NEW"
    SEEN = "SEEN"  # 已处理: set by the agency, for itself


class ColumnType(StrEnum):
    """What a column holds; each dialect has its own word for it."""

    TEXT = "text"  # up to `length` characters
    WHOLE = "whole"
    DOCUMENT = "document"  # JSON of up to 64 KiB


class Writer(StrEnum):
    """Who writes a column."""

    GATEWAY = "gateway"
    AGENCY = "agency"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `default` is what a row has that does not name it."""

    name: str
    writer: Writer
    type: ColumnType = ColumnType.TEXT
    length: int = 0
    required: bool = False
    default: str = ""


@dataclass(frozen=True, slots=True)
class ExchangeTable:
    """One table: its key is its first column; `indexes` name the columns of each index."""

    name: TableName
    columns: tuple[Column, ...]
    indexes: tuple[tuple[str, ...], ...]


_OURS, _THEIRS, _BOTH = Writer.GATEWAY, Writer.AGENCY, Writer.BOTH
_DOCUMENT: Final = ColumnType.DOCUMENT
_NUMBER, _INSTANT, _DIGEST, _STATUS = 64, 40, 64, 10

EXCHANGE_TABLES: Final = (
    ExchangeTable(
        TableName.DISPATCH,
        (
            Column("dispatch_no", _OURS, length=_NUMBER, required=True),
            Column("application_no", _OURS, length=40, required=True),
            Column("due_on", _OURS, length=10),
            Column("dispatched_at", _OURS, length=_INSTANT, required=True),
            Column("payload", _OURS, _DOCUMENT, required=True),
            Column("digest", _OURS, length=_DIGEST, required=True),
            Column("status", _BOTH, length=_STATUS, required=True),
            Column("changed_at", _OURS, length=_INSTANT, required=True),
        ),
        (("status", "dispatch_no"),),
    ),
    ExchangeTable(
        TableName.RESULT,
        (
            Column("result_id", _THEIRS, length=_NUMBER, required=True),
            Column("kind", _THEIRS, length=20, required=True),
            Column("application_no", _THEIRS, length=40),
            Column("dispatch_no", _THEIRS, length=_NUMBER),
            Column("division", _THEIRS, length=12),
            Column("local_serial", _THEIRS, length=40),
            Column("revision", _THEIRS, ColumnType.WHOLE),
            Column("payload", _THEIRS, _DOCUMENT),
            Column(
                "status", _BOTH, length=_STATUS, required=True, default=ResultStatus.DRAFT.value
            ),
            Column("taken_at", _OURS, length=_INSTANT),
            Column("taken_digest", _OURS, length=_DIGEST),
            Column("receipt", _OURS, length=1000),
        ),
        (("status", "result_id"), ("status", "taken_at", "result_id")),
    ),
    ExchangeTable(
        TableName.ERROR,
        (
            Column("error_id", _OURS, length=_NUMBER, required=True),
            Column("result_id", _OURS, length=_NUMBER, required=True),
            Column("kind", _OURS, length=20),
            Column("code", _OURS, length=60, required=True),
            Column("title", _OURS, length=100, required=True),
            Column("detail", _OURS, length=300),
            Column("errors", _OURS, _DOCUMENT),
            Column("payload_digest", _OURS, length=_DIGEST),
            Column("noticed_at", _OURS, length=_INSTANT, required=True),
            Column("status", _BOTH, length=_STATUS, required=True, default=ErrorStatus.NEW.value),
        ),
        (("result_id",), ("status", "error_id")),
    ),
)
"""What an agency makes in its database; see `contracts/v1/exchange-tables.md`."""

KEY_COLUMNS: Final = ("application_no", "dispatch_no", "division", "local_serial", "revision")
"""Columns of a result that say again what stands in its payload, for whoever reads by SQL."""
