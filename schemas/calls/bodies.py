"""Reading a body (读取正文): one record, or a batch item by item; else why not, member by member.

Every server reads by this, so that one mistake has one answer.
"""

from collections.abc import Callable
from typing import Final, TypeVar

from pydantic import ValidationError

from schemas.calls.refusals import CallRefused
from schemas.records.base import WireModel
from schemas.records.field_errors import field_error, field_errors, surplus
from schemas.records.json_error_texts import JSON_ERROR_TEXTS
from schemas.records.json_errors import JsonError, JsonErrorCode, Malformed
from schemas.records.json_pointer import json_pointer
from schemas.records.problems import FieldError
from schemas.records.strict_json import RawItem, parse, read_page

MOST_ITEMS: Final = 200
"""What a batch holds at most; it holds at least one."""

Record = TypeVar("Record", bound=WireModel)


def read_record(body: bytes, read: Callable[[bytes], Record]) -> Record:
    """Return the one record that a body is.

    Raises:
        CallRefused: `message.malformed`, `message.invalid`.
    """
    try:
        parse(body)
    except Malformed as exc:
        raise _malformed(exc.error) from None
    return _record(body, read)


def read_batch(body: bytes, member: str) -> list[RawItem]:
    """Return the 1 to 200 items of a batch, each as raw as it came; `read_item` reads one.

    Raises:
        CallRefused: `message.malformed`: no JSON. `message.invalid`: it has no list `member`, an
            empty one, or other members. `message.too-large`: more than 200 items.
    """
    try:
        rest, items = read_page(body, member)
    except Malformed as exc:
        raise _no_batch(body, member, exc.error) from None
    if len(items) > MOST_ITEMS:
        raise _too_many(member)
    errors = surplus(rest)
    if not items:
        errors = (field_error(json_pointer([member]), "too_short"), *errors)
    if errors:
        raise CallRefused("message.invalid", errors=errors)
    return items


def read_item(item: RawItem, read: Callable[[bytes], Record]) -> Record:
    """Return what one item of a batch says; pointers are into the item.

    Raises:
        CallRefused: `message.malformed`, `message.invalid`.
    """
    if item.error is not None:
        raise _malformed(item.error)
    return _record(item.content, read)


def _record(content: bytes, read: Callable[[bytes], Record]) -> Record:
    try:
        return read(content)
    except ValidationError as exc:
        raise CallRefused("message.invalid", errors=field_errors(exc, content)) from None


def _malformed(error: JsonError) -> CallRefused:
    code = error.code if error.code in JSON_ERROR_TEXTS else JsonErrorCode.SYNTAX
    text = JSON_ERROR_TEXTS[code]
    place = "" if error.at_byte is None else f"（第 {error.at_byte} 字节处）"
    message = f"{text.title}{place}：{text.cure}"
    return CallRefused(
        "message.malformed", errors=(FieldError(pointer="", code=code, message=message),)
    )


def _no_batch(body: bytes, member: str, error: JsonError) -> CallRefused:
    """Return why a body is no batch: a wrong wrapper is not malformed JSON."""
    try:
        value = parse(body)
    except Malformed as exc:
        return _malformed(exc.error)
    if not isinstance(value, dict):
        return CallRefused("message.invalid", errors=(field_error("", "model_type"),))
    items = value.get(member)
    if isinstance(items, list) and len(items) > MOST_ITEMS:
        return _too_many(member)
    errors = surplus(name for name in value if name != member)
    if not isinstance(items, list):
        rule = "tuple_type" if member in value else "missing"
        errors = (field_error(json_pointer([member]), rule), *errors)
    return CallRefused("message.invalid", errors=errors) if errors else _malformed(error)


def _too_many(member: str) -> CallRefused:
    return CallRefused(
        "message.too-large", errors=(field_error(json_pointer([member]), "too_long"),)
    )
