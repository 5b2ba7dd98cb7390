"""A page of one item that cannot be read: whether its item breaks it, or the page itself is wrong.

What is wrong with the page itself, every page of the connection has: nobody's application may be
held for it.
"""

import re
from collections.abc import Mapping
from typing import Final

from schemas.records.base import BYTE_ORDER_MARK
from schemas.records.json_errors import JsonError, JsonErrorCode, Malformed
from schemas.records.json_scan import BLANKS, end_of_value, list_start
from schemas.records.strict_json import RawItem, parse

_LONGEST_TAIL_BYTES: Final = 200
_TAIL: Final = re.compile(
    rb'\][ \t\r\n]*(,[ \t\r\n]*"more"[ \t\r\n]*:[ \t\r\n]*[a-z]+[ \t\r\n]*)?\}\s*$'
)


def item_that_breaks(body: bytes, member: str) -> RawItem:
    """Return the one item under `member` that makes its page unreadable, as it came.

    It ends where the page goes on as a page does, else with the page.

    Raises:
        Malformed: The list is not to be found, or its item is sound: the page is at fault.
    """
    content = body.removeprefix(BYTE_ORDER_MARK)
    start = list_start(content, member)
    end = end_of_value(content, start)
    if content[end : end + 1] == b"]" and _is_sound(content[start:end]):
        raise Malformed(JsonErrorCode.PAGE_BROKEN)
    tail = _TAIL.search(content, max(start, len(content) - _LONGEST_TAIL_BYTES))
    written = content[start : tail.start() if tail else None].strip(BLANKS)
    return RawItem(written, JsonError(JsonErrorCode.PAGE_BROKEN), 1)


def members_before(body: bytes, member: str) -> Mapping[str, object]:
    """Return what stands in a page before the list `member`, whatever is in the list.

    Raises:
        Malformed: The list is not to be found, or what stands before it cannot be read.
    """
    content = body.removeprefix(BYTE_ORDER_MARK)
    read = parse(content[: list_start(content, member)] + b"]}")
    return read if isinstance(read, dict) else {}


def _is_sound(content: bytes) -> bool:
    try:
        parse(content)
    except Malformed:
        return False
    return True
