"""Reading JSON that may be hostile: no duplicate members, no NaN, no lone surrogates, item by item.

A page whose items are all well-formed takes the fast way, one parse for all. Only when that fails
are the items cut out of the bytes one by one, so that a malformed one is kept and the others go on.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import orjson

LONGEST_BODY_BYTES: Final = 1 << 20
DEEPEST: Final = 32
_BLANKS: Final = b" \t\r\n"
_NAMED: Final = b'":'
_NUL: Final = b"\\u0000"
_DOUBTFUL: Final = tuple(
    (pair[-1:] if pair[:1] == b'"' else pair[:1], pair)
    for pair in (b'" ', b'"\t', b'"\r', b'"\n', b"\\u00")
)
"""Each with its rarer sign: looking for one byte is seven times as fast as for two."""
_TOKEN: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[\]{},]', re.DOTALL)  # linear, always
_NUMBER: Final = re.compile(rb'"([!#-\[\]-~]{1,40})"')


class Malformed(ValueError):
    """The bytes are not JSON as the contract wants it; the message shows no content."""


@dataclass(frozen=True, slots=True)
class RawItem:
    """One item of a page: its JSON in canonical form, compact with members in order of their names.

    So the same item in another spelling has the same bytes, and the same digest.

    `fault` says why it is malformed; then `content` is the bytes exactly as they came.
    """

    content: bytes
    fault: str | None = None

    def number(self) -> str | None:
        """Return the application number if just one can be made out, even from malformed bytes.

        Two numbers are none: acknowledging either would claim another person's application.
        """
        tokens = list(_tokens(self.content))
        found = {
            shaped[1].decode("ascii")
            for (name, _, end, depth), (value, start, _, _) in pairwise(tokens)
            if depth == 1
            and name == b'"application_no"'
            and self.content[end:start].strip(_BLANKS) == b":"
            and (shaped := _NUMBER.fullmatch(value))
        }
        return found.pop() if len(found) == 1 else None


def parse(body: bytes) -> object:
    """Return the JSON value of `body`.

    Raises:
        Malformed: Not JSON, a member twice, too deep, NaN, a lone surrogate, or not UTF-8.
    """
    value = _loaded(body)
    _check(body, _dumped(value))
    return value


def read_page(body: bytes, member: str) -> tuple[Mapping[str, object], list[RawItem]]:
    """Return the page's other members, and its items with each malformed one marked.

    Raises:
        Malformed: The page itself cannot be read, or has no list `member`.
    """
    try:
        page = _loaded(body)
        items = page.pop(member, None) if isinstance(page, dict) else None
        contents = [_dumped(item) for item in items] if isinstance(items, list) else []
        _check(body, b'"":%b' % _dumped(page), *contents)
    except Malformed:
        return _cut_page(body, member)
    if not isinstance(page, dict) or not isinstance(items, list):
        raise Malformed(f"no list {member!r}")
    return page, [RawItem(content) for content in contents]


def _loaded(body: bytes) -> object:
    try:
        value: object = orjson.loads(body)
    except orjson.JSONDecodeError as exc:
        raise Malformed(f"not JSON: {exc.msg.split(':')[0]}, at byte {exc.pos}") from None
    return value


def _dumped(value: object) -> bytes:
    """Write a value compactly again, with its depth within bounds."""
    try:
        written = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:
        raise _too_deep() from None
    brackets = written.count(b"[") + written.count(b"{")
    if brackets > DEEPEST and _is_too_deep(value):
        raise _too_deep()
    if _NUL in written and _has_nul(value):
        raise Malformed("a text holds the character NUL")
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
        raise Malformed("a member name stands twice in one object")


def _too_deep() -> Malformed:
    return Malformed(f"nested deeper than {DEEPEST}")


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
    if any(depth > DEEPEST for _, _, _, depth in _tokens(body)):
        raise _too_deep()  # the reader below calls itself at each level
    repeated: list[bool] = []

    def meet(members: list[tuple[str, object]]) -> None:
        repeated.append(len({name for name, _ in members}) < len(members))

    json.loads(body, object_pairs_hook=meet)
    return any(repeated)


def _cut_page(body: bytes, member: str) -> tuple[Mapping[str, object], list[RawItem]]:
    start, end, cuts = _list_bounds(body, f'"{member}"'.encode())
    rest = parse(body[:start] + b"[]" + body[end:])
    if not isinstance(rest, dict):
        raise Malformed("the page is not an object")
    rest.pop(member, None)
    return rest, [_item(body[a:b].strip(_BLANKS)) for a, b in cuts]


def _item(content: bytes) -> RawItem:
    try:
        return RawItem(_dumped(parse(content)))
    except Malformed as exc:
        return RawItem(content, str(exc))


def _list_bounds(body: bytes, name: bytes) -> tuple[int, int, list[tuple[int, int]]]:
    """Find the list under the top-level member `name`: its start, its end, and its items' cuts."""
    tokens = list(_tokens(body))
    opening = next(
        (
            place + 1
            for place, (text, _, _, depth) in enumerate(tokens[:-1])
            if text == name and depth == 1 and tokens[place + 1][0] == b"["
        ),
        None,
    )
    if opening is None:
        raise Malformed("the page's list cannot be made out")
    start, position = tokens[opening][1], tokens[opening][2]
    cuts: list[tuple[int, int]] = []
    for text, before, after, depth in tokens[opening + 1 :]:
        if depth == 2 and text in b",]":
            cuts.append((position, before))
            position = after
        if depth == 2 and text == b"]":
            empty = len(cuts) == 1 and not body[slice(*cuts[0])].strip(_BLANKS)
            return start, after, [] if empty else cuts
    raise Malformed("the page's list has no end")


def _tokens(body: bytes) -> Iterator[tuple[bytes, int, int, int]]:
    """Yield strings and punctuation with place and depth; a bracket has its inside's depth."""
    depth = 0
    for token in _TOKEN.finditer(body):
        text = token[0]
        depth += text in b"{["
        yield text, token.start(), token.end(), depth
        depth -= text in b"}]"
