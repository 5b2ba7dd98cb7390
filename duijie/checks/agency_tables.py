"""前置库检查: what an agency's database allows, told step by step, with a test dispatch in it."""

from collections.abc import AsyncIterator, Mapping
from types import MappingProxyType
from typing import Final

from duijie.checks.result import CheckResult, refused, warning
from gateway.adapters.exchange_table.database import AgencyDatabase
from gateway.adapters.exchange_table.dialects import dialect_of
from gateway.adapters.exchange_table.inspection import (
    Inspected,
    InspectionStep,
    inspect,
    number_of_test,
)
from gateway.config import AgencySettings
from gateway.errors import Misconfigured, PeerFailure
from gateway.failure_words import explain_failure
from gateway.table_settings import TableSettings, read_login
from schemas.records.problem_texts import PROBLEM_TEXTS
from schemas.reference.clock import Now

_GOOD: Final[Mapping[InspectionStep, str]] = MappingProxyType(
    {
        InspectionStep.CONNECTION: "已连接，可以登录",
        InspectionStep.TABLES: "三张表和全部列均在",
        InspectionStep.RIGHTS: "读写权限齐全",
        InspectionStep.CHARACTER_SET: "可以保存全部汉字（含生僻字）",
        InspectionStep.STATUSES: "结果表中没有无法识别的状态",
        InspectionStep.ERRORS: "错误表中没有未处理的错误",
    }
)
_NOT_REACHED: Final = frozenset(
    {
        *(PeerFailure.NO_ANSWER, PeerFailure.CONNECT_TIMED_OUT, PeerFailure.TIMED_OUT),
        PeerFailure.TLS,
    }
)


async def check_tables(
    agency: AgencySettings, tables: TableSettings, now: Now
) -> AsyncIterator[tuple[CheckResult, Inspected | None]]:
    """Yield what each step came to, in words and as a value; the first fault ends it."""
    name = f"agency {agency.code}"
    if tables.allow_plain and tables.ca_file is None and not tables.address.is_on_this_machine:
        yield (
            warning(
                f"连接 {name}",
                "明文连接数据库（allow_plain）",
                "传输途中可以读取分派单中的个人信息和口令",
                "请在数据库上启用 TLS，并设置 ca_file",
            ),
            None,
        )
    try:
        login = read_login(tables, name)
        dialect = dialect_of(login.address.kind, f"{name}: tables.url")
    except Misconfigured as exc:
        yield refused(f"设置 {name}", "不可用", exc), None
        return
    database = AgencyDatabase(dialect, login, agency=agency.code)
    try:
        async for one in inspect(database, now):
            yield _described(f"前置库 {agency.code} {agency.name}", agency.code, one), one
    finally:
        database.close()


def is_reached(failure: PeerFailure | None) -> bool:
    """Say whether the database itself answered."""
    return failure not in _NOT_REACHED


def _described(subject: str, code: str, one: Inspected) -> CheckResult:
    if one.failure is not None:
        words = explain_failure(one.failure)
        return CheckResult(subject, words.title, words.cause, words.cure)
    if one.step is InspectionStep.TEST_DISPATCH:
        number = number_of_test(code)
        return CheckResult(subject, f"已写入测试行 {number}（status = TEST），读回内容相同")
    if one.step is InspectionStep.STATUSES and one.found:
        return warning(
            subject,
            f"结果表中有 {len(one.found)} 种无法识别的状态",
            "状态只能是 DRAFT、READY、TAKEN、REFUSED、CHANGED（大写，前后没有空格）；"
            "其他的行不会被读取",
            "请经办机构改正 status",
        )
    if one.step is InspectionStep.ERRORS and one.found:
        said = "、".join(dict.fromkeys(map(_title, one.found)))
        return warning(
            subject,
            f"错误表中有未处理的错误：{said}",
            "这些行没有被接收，原因写在错误表的 detail 和 errors 中",
            "请经办机构改正结果表中的行，将 status 改为 READY，再将错误标为 SEEN",
        )
    return CheckResult(subject, _GOOD[one.step])


def _title(code: str) -> str:
    text = PROBLEM_TEXTS.get(code)
    return "未知" if text is None else f"{text.title}（{code}）"
