r"""可移植的正则 (portable patterns): the subset that ECMA 262 `u`, RE2, .NET and Java read alike.

A pattern is `^` … `$`, in between groups, alternatives, the counts `?` `*` `+` `{n}` `{n,m}` with
n and m up to 1000 (RE2 takes no more), ASCII characters, classes of them, `\xHH`, and a backslash
before a character of syntax. Not in it: `\d` `\w` `\s` `\p` (ASCII or Unicode, by dialect), `\u`
(RE2 lacks it), back references, look-around, lazy and possessive counts, `.` (line ends differ),
and inside a class `[` `&&` `--` `~~` `||` (sets in Java and in `v` mode, subtraction in .NET).

Outside ECMA 262 and RE2 a `$` also stands before a last line feed: match the whole text there
(Java `matches`, .NET `\A(?:…)\z`). A character beyond U+FFFF is two units in .NET; no class here
tells the two from other characters, and lengths are stated apart, in code points.
"""

import re
from typing import Final

from contracts.lint.violation import LintCode
from schemas.reasons.reason import Reason

_MOST_REPEATS: Final = 1000
_ESCAPED: Final = r"\\x[0-9a-fA-F]{2}|\\[$()*+./?\[\\\]^{|}]"
_TOKEN: Final = re.compile(
    rf"(?P<atom>{_ESCAPED}|[ !\"#%&',\-/0-9:;<=>@A-Z_`a-z~])"
    rf"|(?P<members>\[\^?(?:{_ESCAPED}|\\-|[^\\\[\]])+\])"
    r"|(?P<count>[?*+]|\{[0-9]{1,4}(?:,[0-9]{0,4})?\})"
    r"|(?P<open>\()|(?P<close>\))|(?P<or>\|)"
)
_SETS: Final = ("&&", "--", "~~", "||")
_COUNTABLE: Final = frozenset({"atom", "members", "close"})


def regex_violation(pattern: str) -> Reason | None:
    """Say why a pattern is not read alike everywhere; None when it is."""
    if not pattern.isascii():
        return LintCode.REGEX_NOT_ASCII.at()
    if not (len(pattern) > 1 and pattern.startswith("^") and pattern.endswith("$")):
        return LintCode.REGEX_ANCHORS.at()
    place, depth, before = 1, 0, "or"
    while place < len(pattern) - 1:
        token = _TOKEN.match(pattern, place, len(pattern) - 1)
        if token is None or token.lastgroup is None:
            return LintCode.REGEX_DIALECTS.at(part=pattern[place : place + 2])
        if fault := _fault_of(token.lastgroup, token.group(), before):
            return fault
        depth += {"open": 1, "close": -1}.get(token.lastgroup, 0)
        if depth < 0:
            return LintCode.REGEX_NOT_OPENED.at()
        place, before = token.end(), token.lastgroup
    return LintCode.REGEX_NOT_CLOSED.at() if depth else None


def _fault_of(kind: str, text: str, before: str) -> Reason | None:
    if kind == "members" and any(spelled in text for spelled in _SETS):
        return LintCode.REGEX_SET.at()
    if kind == "count":
        if before not in _COUNTABLE:
            return LintCode.REGEX_EXTENSION.at()
        if any(int(number) > _MOST_REPEATS for number in re.findall(r"[0-9]+", text)):
            return LintCode.REGEX_COUNT.at(maximum=_MOST_REPEATS)
    return None
