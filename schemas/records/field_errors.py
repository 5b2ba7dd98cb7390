"""What is wrong with a record, as places, rules and Chinese texts: never a value."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import orjson
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from schemas.records.field_error_texts import FIELD_ERROR_TEXTS
from schemas.records.json_pointer import json_pointer, pointer_to
from schemas.records.problems import LONGEST_POINTER, FieldError

_MAX_ERRORS: Final = 20
_MAX_MESSAGE: Final = 300
_LACKING: Final = "missing"
_UNKNOWN: Final = "extra_forbidden"
_BROKEN: Final = "value_error"
_MEMBER_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}", re.ASCII)
_NUMBER: Final = re.compile(r"[0-9]{5}", re.ASCII)
_BOUNDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "min_length": "至少 {}",
        "max_length": "至多 {}",
        "ge": "不小于 {}",
        "le": "不大于 {}",
        "expected": "规定的值：{}",
        "source": "依据：{}",
    }
)
"""What the model says of a rule; nothing here was sent by anybody."""


@dataclass(frozen=True, slots=True)
class RuleViolation:
    """One rule that a record breaks; `pointer` is the JSON Pointer of the member it is about.

    A member that the contract does not know is named by its parent: its name may be a person's,
    and what is kept or logged shall not have it.
    """

    pointer: str
    rule: str
    message: str

    @property
    def code(self) -> str:
        """The published code of the rule (errors.csv)."""
        return _code(self.rule)


def rule_violations(exc: ValidationError) -> list[RuleViolation]:
    """Return the rules that a record broke, in the order of its members."""
    return [
        RuleViolation(pointer_to(error), error["type"], _message(error)) for error in _errors(exc)
    ]


def field_errors(exc: ValidationError, content: bytes) -> tuple[FieldError, ...]:
    """Return the first rules that the record `content` broke, for the answer to its sender.

    A member that the contract does not know is named where its name reads like that of a member;
    else the pointer leads to its parent, since it may be a person's name or number.
    """
    document = _document(content)
    return tuple(
        field_error(_place(error, document), error["type"], _message(error))
        for error in _errors(exc)[:_MAX_ERRORS]
    )


def field_error(pointer: str, rule: str, message: str = "") -> FieldError:
    """Return one error of a problem body; without a message, the catalogue's words for the rule."""
    return FieldError(
        pointer=pointer if len(pointer) <= LONGEST_POINTER else "",
        code=_code(rule),
        message=(message or _words(rule))[:_MAX_MESSAGE],
    )


def surplus(names: Iterable[str]) -> tuple[FieldError, ...]:
    """Return the errors about members of the whole message that the contract does not know."""
    return tuple(
        field_error(json_pointer([name] if is_member_name(name) else []), _UNKNOWN)
        for name, _ in zip(names, range(_MAX_ERRORS), strict=False)
    )


def is_member_name(name: str) -> bool:
    """Say whether a name that was made up can be said again: no number of anybody, no person."""
    return _MEMBER_NAME.fullmatch(name) is not None and _NUMBER.search(name) is None


def _errors(exc: ValidationError) -> list[ErrorDetails]:
    return exc.errors(include_url=False, include_input=False)


def _place(error: ErrorDetails, document: object) -> str:
    """Return where in `document` an error is; the kind of an item, put there by the reader, not."""
    if not error["loc"]:
        return ""
    steps, here = list[str | int](), document
    *outer, last = error["loc"]
    for step in outer:
        if isinstance(step, str) and isinstance(here, dict) and step not in here:
            continue
        steps.append(step)
        here = _within(here, step)
    if error["type"] == _UNKNOWN:
        named = is_member_name(str(last))
    else:
        named = error["type"] == _LACKING or not isinstance(here, dict) or last in here
    return json_pointer([*steps, last] if named else steps)


def _within(value: object, step: str | int) -> object:
    if isinstance(value, dict):
        return value.get(step)
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return value[step]
    return None


def _document(content: bytes) -> object:
    try:
        value: object = orjson.loads(content)
    except orjson.JSONDecodeError:  # a mark at its front, or no JSON at all: nothing to look into
        return None
    return value


def _message(error: ErrorDetails) -> str:
    """Return the rule in Chinese, with the bounds that the model gives it."""
    given = error.get("ctx", {})
    if error["type"] == _BROKEN and isinstance(given.get("error"), ValueError):
        return str(given["error"])
    bounds = [text.format(given[name]) for name, text in _BOUNDS.items() if name in given]
    return "；".join([_words(error["type"]), *bounds])


def _words(rule: str) -> str:
    text = FIELD_ERROR_TEXTS.get(rule.replace("_", "-"))
    return "格式不符合接口约定" if text is None else f"{text.title}：{text.cure}"


def _code(rule: str) -> str:
    return f"field.{rule.replace('_', '-')}"
