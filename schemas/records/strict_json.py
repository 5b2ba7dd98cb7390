"""Reading JSON that may be hostile: no duplicate members, no NaN, no lone surrogates, item by item.

Bounds are checked on the bytes, before anything is built of them: brackets, commas and quotes of a
message, items of a list, bytes of an item. Nesting is bounded too. A byte order mark (BOM) at the
start is passed over.

A page whose items are all well-formed takes the fast way, one parse for all. Only when that fails
is each item parsed by itself, so that a malformed one is kept and the others go on. Either way an
item keeps the very bytes that came.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Final

import orjson

from schemas.records.base import BYTE_ORDER_MARK
from schemas.records.json_errors import (
    DEEPEST,
    LONGEST_ITEM_BYTES,
    JsonError,
    JsonErrorCode,
    Malformed,
)
from schemas.records.json_scan import BLANKS, application_number, check_size, item_cuts, list_start

_MOST_ITEMS: Final = 1000
_UTF_16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
_FIRST_SIGNS: Final = 4
"""JSON begins with signs of ASCII: a zero among the first four bytes is UTF-16 or UTF-32."""
_NAMED: Final = b'":'
_NUL: Final = b"\\u0000"
_DOUBTFUL: Final = tuple(
    (pair[-1:] if pair[:1] == b'"' else pair[:1], pair)
    for pair in (b'" ', b'"\t', b'"\r', b'"\n', b"\\u00")
)
"""Each with its rarer sign: looking for one byte is seven times as fast as for two."""
_TEXT: Final = re.compile(rb'"(?:[^"\\]++|(?:\\.)++)*+"?', re.DOTALL)
_STEPS: Final = dict(zip(b"[{]}", (1, 1, -1, -1), strict=True))
_NO_BRACKETS: Final = bytes(set(range(256)) - set(_STEPS))


@dataclass(frozen=True, slots=True)
class RawItem:
    """One item of a page: its bytes exactly as they came, without the blanks around them.

    `error` says why it is malformed. `position` is its place in its page, counted from 1; 0 for an
    item that was in none. `feed_position` is that in the feed (位置), where the page gives it.
    """

    content: bytes
    error: JsonError | None = None
    position: int = field(default=0, compare=False)
    feed_position: int | None = field(default=None, compare=False)

    def number(self) -> str | None:
        """Return the application number if just one can be made out, even from malformed bytes."""
        return application_number(self.content)


def parse(body: bytes) -> object:
    """Return the JSON value of `body`.

    Raises:
        Malformed: Not JSON, a member twice, too deep, too much of it, NaN, a lone surrogate, NUL,
            or not UTF-8.
    """
    content = body.removeprefix(BYTE_ORDER_MARK)
    check_size(content)
    value = _loaded(content)
    _check(content, _dumped(value))
    return value


def read_page(body: bytes, member: str) -> tuple[Mapping[str, object], list[RawItem]]:
    """Return the page's other members, and its items with each malformed one marked.

    Raises:
        Malformed: The page itself cannot be read, or has no list `member`.
    """
    content = body.removeprefix(BYTE_ORDER_MARK)
    check_size(content)
    try:
        return _read_sound_page(content, member)
    except Malformed:
        return _cut_page(content, member)


def read_single_item(content: bytes) -> RawItem:
    """Return a record that came by itself as an item, without what may stand around JSON."""
    return _item(content.removeprefix(BYTE_ORDER_MARK).strip(BLANKS), 0)


def _read_sound_page(body: bytes, member: str) -> tuple[Mapping[str, object], list[RawItem]]:
    page = _loaded(body)
    items = page.get(member) if isinstance(page, dict) else None
    if not isinstance(page, dict) or not isinstance(items, list) or len(items) > _MOST_ITEMS:
        raise Malformed(JsonErrorCode.PAGE_WITHOUT_LIST)
    start = list_start(body, member)
    written = [_dumped(item) for item in items]
    del page[member]
    if (end := _end_of_compact(body, start, written)) is not None:
        _check(body[:start] + body[end:], b'"":%b' % _dumped(page))
        contents: Iterable[bytes] = written
    else:
        _check(body, b'"":%b' % _dumped(page), *written)
        cuts, _ = item_cuts(body, start, maximum=_MOST_ITEMS)
        contents = [body[a:b] for a, b in cuts]
    found = [RawItem(one, _too_long(one), place) for place, one in enumerate(contents, 1)]
    return page, found


def _end_of_compact(body: bytes, start: int, written: Sequence[bytes]) -> int | None:
    """Return where a list ends whose items stand in `body` just as `written`; None otherwise.

    Most senders write JSON compactly: then nothing has to be cut.
    """
    at = start
    for one in written:
        if not body.startswith(one, at):
            return None
        at += len(one) + 1
        if body[at - 1 : at] not in (b",", b"]"):
            return None
    end = at - 1 if written else start
    return end if body[end : end + 1] == b"]" else None


def _loaded(body: bytes) -> object:
    try:
        value: object = orjson.loads(body)
    except orjson.JSONDecodeError as exc:
        raise _not_json(body, exc.pos) from None
    return value


def _not_json(body: bytes, at_byte: int) -> Malformed:
    """Return why bytes are no JSON: it is told apart what a sender has to change."""
    if not body.strip(BLANKS):
        return Malformed(JsonErrorCode.EMPTY)
    if body.startswith(_UTF_16_MARKS) or b"\0" in body[:_FIRST_SIGNS]:
        return Malformed(JsonErrorCode.UTF_16)
    try:
        body.decode()
    except UnicodeDecodeError as exc:
        return Malformed(JsonErrorCode.NOT_UTF_8, exc.start)
    return Malformed(JsonErrorCode.SYNTAX, at_byte)


def _dumped(value: object) -> bytes:
    """Write a value compactly again, with its depth within bounds."""
    try:
        written = orjson.dumps(value)
    except orjson.JSONEncodeError:
        raise Malformed(JsonErrorCode.TOO_DEEP) from None
    brackets = written.count(b"[") + written.count(b"{")
    if brackets > DEEPEST and _is_too_deep(value):
        raise Malformed(JsonErrorCode.TOO_DEEP)
    if _NUL in written and _has_nul(value):
        raise Malformed(JsonErrorCode.NUL)
    return written


def _check(body: bytes, *written: bytes) -> None:
    """Refuse a member name that stands twice.

    Reading merges duplicates, so the value written again has fewer quotes before a colon than
    `body`. Where `body` has blanks there, or escapes that could hide such a pair, the names are
    compared one by one.
    """
    plain = not any(sign in body and pair in body for sign, pair in _DOUBTFUL)
    if plain and body.count(_NAMED) == sum(one.count(_NAMED) for one in written):
        return
    if _has_duplicates(body):
        raise Malformed(JsonErrorCode.DUPLICATE_MEMBER)


def _is_too_deep(value: object) -> bool:
    """Say whether more than `DEEPEST` objects and lists stand within one another."""
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(DEEPEST):  # all of one depth at a time: a page is wide, not deep
        level = [one for outer in level for one in _inner(outer) if isinstance(one, dict | list)]
    return bool(level)


def _has_nul(value: object) -> bool:
    if isinstance(value, str):
        return "\0" in value
    names = value if isinstance(value, dict) else ()
    return any("\0" in name for name in names) or any(map(_has_nul, _inner(value)))


def _inner(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _has_duplicates(body: bytes) -> bool:
    steps = map(_STEPS.__getitem__, _TEXT.sub(b"", body).translate(None, _NO_BRACKETS))
    if max(accumulate(steps), default=0) > DEEPEST:
        raise Malformed(JsonErrorCode.TOO_DEEP)  # the reader below calls itself at each level
    repeated: list[bool] = []

    def meet(members: list[tuple[str, object]]) -> None:
        repeated.append(len({name for name, _ in members}) < len(members))

    # numbers are of no interest here, and thousands of digits are refused by `int`
    json.loads(body, object_pairs_hook=meet, parse_int=_nothing, parse_float=_nothing)
    return any(repeated)


def _nothing(_: str) -> None:
    return None


def _cut_page(body: bytes, member: str) -> tuple[Mapping[str, object], list[RawItem]]:
    start = list_start(body, member)
    cuts, end = item_cuts(body, start, maximum=_MOST_ITEMS)
    rest = parse(body[:start] + body[end:])
    if not isinstance(rest, dict):
        raise Malformed(JsonErrorCode.PAGE_NOT_AN_OBJECT)
    rest.pop(member, None)
    return rest, [_item(body[a:b], place) for place, (a, b) in enumerate(cuts, 1)]


def _item(content: bytes, position: int) -> RawItem:
    error = _too_long(content)
    if error is None:
        try:
            parse(content)
        except Malformed as exc:
            error = exc.error
    return RawItem(content, error, position)


def _too_long(content: bytes) -> JsonError | None:
    return JsonError(JsonErrorCode.ITEM_TOO_LONG) if len(content) > LONGEST_ITEM_BYTES else None
