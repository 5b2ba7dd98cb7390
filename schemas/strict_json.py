"""Reading JSON that may be hostile: no duplicate members, no NaN, no lone surrogates, item by item.

A page whose items are all well-formed takes the fast way, one parse for all. Only when that fails
are the items cut out of the bytes one by one, so that a malformed one is kept and the others go on.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import orjson

LONGEST_BODY_BYTES: Final = 1 << 20
DEEPEST: Final = 32
_COLON: Final = re.compile(rb'"[ \t\r\n]*:')
_TOKEN: Final = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{},]', re.DOTALL)
_NUMBER: Final = re.compile(rb'"application_no"[ \t\r\n]*:[ \t\r\n]*"([!#-\[\]-~]{1,40})"')


class Malformed(ValueError):
    """The bytes are not JSON as the contract wants it; the message shows no content."""


@dataclass(frozen=True, slots=True)
class RawItem:
    """One item of a page: its JSON, compact and in the sender's member order.

    `fault` says why it is malformed; then `content` is the bytes exactly as they came.
    """

    content: bytes
    fault: str | None = None

    def number(self) -> str | None:
        """Return the application number if it can be made out, even from malformed bytes."""
        found = _NUMBER.search(self.content)
        return found[1].decode("ascii") if found else None


def parse(body: bytes) -> object:
    """Return the JSON value of `body`.

    Raises:
        Malformed: Not JSON, a member twice, too deep, NaN, a lone surrogate, or not UTF-8.
    """
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as exc:
        raise Malformed(f"not JSON: {exc.msg.split(':')[0]}, at byte {exc.pos}") from None
    # Every member has a quote before its colon, and a merged duplicate leaves one fewer.
    if len(_COLON.findall(body)) != _members(value, 0) and _has_duplicates(body):
        raise Malformed("a member name stands twice in one object")
    return value


def read_page(body: bytes, member: str) -> tuple[Mapping[str, object], list[RawItem]]:
    """Return the page's other members, and its items with each malformed one marked.

    Raises:
        Malformed: The page itself cannot be read, or has no list `member`.
    """
    try:
        page = parse(body)
    except Malformed:
        return _cut_page(body, member)
    if not isinstance(page, dict) or not isinstance(page.get(member), list):
        raise Malformed(f"no list {member!r}")
    items = [RawItem(orjson.dumps(item)) for item in page.pop(member)]
    return page, items


def _members(value: object, depth: int) -> int:
    if depth > DEEPEST:
        raise Malformed(f"nested deeper than {DEEPEST}")
    if isinstance(value, dict):
        inner = (v for v in value.values() if isinstance(v, dict | list))
        return len(value) + sum(_members(v, depth + 1) for v in inner)
    if isinstance(value, list):
        return sum(_members(v, depth + 1) for v in value if isinstance(v, dict | list))
    return 0


def _has_duplicates(body: bytes) -> bool:
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
    return rest, [_item(body[a:b].strip()) for a, b in cuts]


def _item(content: bytes) -> RawItem:
    try:
        return RawItem(orjson.dumps(parse(content)))
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
            return start, after, [cut for cut in cuts if body[slice(*cut)].strip()]
    raise Malformed("the page's list has no end")


def _tokens(body: bytes) -> Iterator[tuple[bytes, int, int, int]]:
    """Yield strings and punctuation with place and depth; a bracket has its inside's depth."""
    depth = 0
    for token in _TOKEN.finditer(body):
        text = token[0]
        depth += text in b"{["
        yield text, token.start(), token.end(), depth
        depth -= text in b"}]"
