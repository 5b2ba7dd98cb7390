"""The query of a call (查询参数): what is not known is passed over, nothing may stand twice."""

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date
from typing import Final

from schemas.calls.refusals import CallRefused
from schemas.records.field_errors import is_member_name
from schemas.records.json_pointer import json_pointer
from schemas.records.problems import FieldError

_DIGITS: Final = re.compile(r"[0-9]{1,4}", re.ASCII)
_DATE: Final = re.compile(r"(19|2[01])[0-9]{2}-[0-9]{2}-[0-9]{2}", re.ASCII)
_DIVISION: Final = re.compile(r"[0-9]{6}(?:[0-9]{3}(?:[0-9]{3})?)?", re.ASCII)
_CODE: Final = "query.invalid"


def query_of(pairs: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """Return the members of a query by name, those that no operation knows among them.

    Raises:
        CallRefused: `query.invalid`: one stands twice.
    """
    found: dict[str, str] = {}
    for name, text in pairs:
        if name in found:
            raise invalid_query(name, "查询参数重复，每个参数只能写一次")
        found[name] = text
    return found


def whole_number(
    query: Mapping[str, str], name: str, default: int, *, minimum: int, maximum: int
) -> int:
    """Return a query member that is a whole number in ASCII digits; absent, the default.

    Raises:
        CallRefused: `query.invalid`: it is none, or lies outside its bounds.
    """
    text = query.get(name)
    if text is None:
        return default
    if _DIGITS.fullmatch(text) is None or not minimum <= int(text) <= maximum:
        raise invalid_query(name, f"{name} 须为 {minimum} 至 {maximum} 的整数")
    return int(text)


def civil_date(members: Mapping[str, str], name: str) -> date:
    """Return a member that is a date of 1900 to 2199, `YYYY-MM-DD`.

    Raises:
        CallRefused: `query.invalid`: it is none.
    """
    text = members.get(name, "")
    if _DATE.fullmatch(text) is not None:
        with suppress(ValueError):
            return date.fromisoformat(text)
    raise invalid_query(name, f"{name} 须为 1900 至 2199 年间的日期，形如 2026-03-05")


def beyond_parts(parts: int) -> CallRefused:
    """Return the refusal of a part after the last."""
    return invalid_query("part", f"part 超出分片总数 {parts}")


def division_code(query: Mapping[str, str], name: str) -> str:
    """Return a query member that is a division code (行政区划代码); absent, an empty text.

    Raises:
        CallRefused: `query.invalid`: it has other than 6, 9 or 12 ASCII digits.
    """
    text = query.get(name, "")
    if name in query and _DIVISION.fullmatch(text) is None:
        raise invalid_query(name, f"{name} 须为 6、9 或 12 位数字")
    return text


def invalid_query(name: str, message: str) -> CallRefused:
    """Return the refusal of a query member, with what is wrong with it."""
    place = json_pointer([name] if is_member_name(name) else [])
    return CallRefused(
        _CODE, message, errors=(FieldError(pointer=place, code=_CODE, message=message),)
    )
