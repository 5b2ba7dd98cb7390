"""Where things stand in JSON bytes, sound or not: found by scanning, nothing is built.

Every scan is linear in the bytes: the patterns never step back, and nesting is counted, not called.
"""

import re
from collections.abc import Iterator
from typing import Final

import orjson

from schemas.records.json_errors import JsonErrorCode, Malformed

MOST_SIGNS: Final = 200_000
"""Brackets, commas and quotes outside texts of one message: three times those of 200 full records.

So no message costs more than some megabytes and some dozen milliseconds, whatever is in it.
"""
BLANKS: Final = b" \t\r\n"
_TEXT: Final = rb'"(?:[^"\\]++|(?:\\.)++)*+"'
_SHALLOW_LEVELS: Final = 5
"""Values nested so far within one another are passed over in one step."""
_DEEPEST_PASSED_OVER: Final = 2000
_MOST_MEMBERS_BEFORE: Final = 1000
_MOST_TOKENS_OF_AN_ITEM: Final = 2000
"""Texts and punctuation in which the number of an item is looked for: a full record has 400."""

_ANY_TEXT: Final = re.compile(_TEXT + b"?", re.DOTALL)
_TOKEN: Final = re.compile(_TEXT + rb"?|[\[\]{},]", re.DOTALL)
_MEMBER_NAME: Final = re.compile(rb"[ \t\r\n]*+(" + _TEXT + rb")[ \t\r\n]*+:[ \t\r\n]*+", re.DOTALL)
_NUMBER_VALUE: Final = re.compile(
    rb"[ \t\r\n]*+:[ \t\r\n]*+(" + _TEXT + rb"|(?:0|[1-9][0-9]{0,39}+)(?=[ \t\r\n,}]))", re.DOTALL
)
_NUMBER: Final = re.compile(r"[!-~]{1,40}")
_APPLICATION_NO: Final = b'"application_no"'


def _inside(levels: int) -> bytes:
    """Return a pattern of what stands within brackets nested up to `levels` more.

    What repeats it is atomic: a group repeated possessively that fails half-way, as at a bracket
    that is not closed, matches too much before Python 3.11.5.
    """
    deeper = rb"|[\[{]" + _inside(levels - 1) + rb"[\]}]" if levels else b""
    return rb'(?>(?:[^"\[\]{}]++|' + _TEXT + deeper + rb")*)"


_IN_BRACKETS: Final = re.compile(_inside(_SHALLOW_LEVELS), re.DOTALL)
_TO_COMMA: Final = re.compile(
    rb'(?>(?:[^"\[\]{},]++|' + _TEXT + rb"|[\[{]" + _inside(_SHALLOW_LEVELS) + rb"[\]}])*)",
    re.DOTALL,
)


def check_size(body: bytes, *, maximum: int = MOST_SIGNS) -> None:
    """Refuse bytes from which more would be built than from any lawful message.

    Raises:
        Malformed: More than `maximum` brackets, commas and quotes outside texts.
    """
    if len(body) <= maximum or _signs(body) <= maximum:
        return
    without_texts, texts = _ANY_TEXT.subn(b"", body, maximum // 2)
    if 2 * texts + _signs(without_texts) > maximum:
        raise Malformed(JsonErrorCode.TOO_MANY_VALUES)


def list_start(body: bytes, name: str) -> int:
    """Return where the items of the list begin that the top-level member `name` is.

    Raises:
        Malformed: There is none, or what stands before it cannot be passed over.
    """
    at = len(body) - len(body.lstrip(BLANKS))
    if body[at : at + 1] != b"{":
        raise Malformed(JsonErrorCode.PAGE_WITHOUT_LIST)
    for _ in range(_MOST_MEMBERS_BEFORE):
        if (member := _MEMBER_NAME.match(body, at + 1)) is None:
            break
        at = member.end()
        if body[at : at + 1] == b"[" and _text(member[1]) == name:
            return at + 1
        at = end_of_value(body, at)
        if body[at : at + 1] != b",":
            break
    raise Malformed(JsonErrorCode.PAGE_WITHOUT_LIST)


def item_cuts(body: bytes, start: int, *, maximum: int) -> tuple[list[tuple[int, int]], int]:
    """Return the bounds of the items of the list begun at `start`, and where its bracket closes.

    An item without an end, or cut short by a bracket that was never opened, makes no list.

    Raises:
        Malformed: The list has no end, or more than `maximum` items.
    """
    cuts: list[tuple[int, int]] = []
    at = start
    while True:
        end = end_of_value(body, at)
        cuts.append(_trimmed(body, at, end))
        ends_with = body[end : end + 1]
        if ends_with == b"]":
            return ([] if len(cuts) == 1 and cuts[0][0] == cuts[0][1] else cuts), end
        if ends_with != b",":
            raise Malformed(JsonErrorCode.PAGE_LIST_UNFINISHED)
        if len(cuts) == maximum:
            raise Malformed(JsonErrorCode.TOO_MANY_VALUES)
        at = end + 1


def end_of_value(body: bytes, at: int) -> int:
    """Return where the value begun at `at` ends: at a comma, a bracket not its own, or nowhere.

    Where a text has no end, that is where the text begins.

    Raises:
        Malformed: It is nested so deep that its end is not looked for.
    """
    depth = 0
    while True:
        passed = (_IN_BRACKETS if depth else _TO_COMMA).match(body, at)
        at = at if passed is None else passed.end()
        sign = body[at : at + 1]
        if sign in (b"[", b"{"):
            depth += 1
            if depth > _DEEPEST_PASSED_OVER:
                raise Malformed(JsonErrorCode.TOO_DEEP)
        elif depth and sign in (b"]", b"}"):
            depth -= 1
        else:
            return at
        at += 1


def application_number(content: bytes) -> str | None:
    """Return the application number an item bears if just one can be made out, as text.

    A number written as a whole number of JSON is the text of its digits. Two numbers are none:
    acknowledging either would claim another person's application.
    """
    found: set[str] = set()
    for count, (text, end, depth) in enumerate(_tokens(content)):
        if count > _MOST_TOKENS_OF_AN_ITEM:
            return None
        if depth == 1 and _is_application_no(text) and (value := _NUMBER_VALUE.match(content, end)):
            written = value[1]
            number = _text(written) if written[:1] == b'"' else written.decode("ascii")
            if number is not None and _NUMBER.fullmatch(number):
                found.add(number)
    return found.pop() if len(found) == 1 else None


def _is_application_no(text: bytes) -> bool:
    """Say whether a text is the name of the number, even if its characters are escaped."""
    return text == _APPLICATION_NO or (b"\\" in text and _text(text) == _text(_APPLICATION_NO))


def _signs(body: bytes) -> int:
    return sum(map(body.count, (b",", b"[", b"{", b'"')))


def _text(written: bytes) -> str | None:
    """Return what a JSON text says; None where it is not one after all."""
    try:
        said: object = orjson.loads(written)
    except orjson.JSONDecodeError:
        return None
    return said if isinstance(said, str) else None


def _trimmed(body: bytes, start: int, end: int) -> tuple[int, int]:
    content = body[start:end]
    start += len(content) - len(content.lstrip(BLANKS))
    return start, max(start, end - len(content) + len(content.rstrip(BLANKS)))


def _tokens(body: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield texts and punctuation with end and depth; a bracket has its inside's depth."""
    depth = 0
    for token in _TOKEN.finditer(body):
        text = token[0]
        depth += text in b"{["
        yield text, token.end(), depth
        depth -= text in b"}]"
