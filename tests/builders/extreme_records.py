"""Records that are lawful to the last character: hostile texts, boundary dates, edge codes.

Every text is one that the schema allows and that some program takes for more than a text: markup,
statements, formats, commands, JSON, lines of a log, characters that turn or hide their neighbours.
Personal members bear a canary besides, so that whatever writes them somewhere is found.
"""

import json
from collections.abc import Mapping, Sequence
from random import Random
from typing import Final

from tests.builders.records import REFUSAL, application_json, outcome_json
from tests.support.canaries import ADDRESS, CERTIFICATE, MOBILE, NAME

TEXTS: Final = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'/><svg/onload=alert(1)>",
    "</td></tr></table></main></title><h1>",
    "<!--",
    "]]>",
    "&lt;b&gt;&#60;i&#62;&amp;",
    "{{ 7*7 }}{% raw %}{#",
    "${jndi:ldap://127.0.0.1/a}",
    "'; DROP TABLE cases; --",
    '" OR 1=1 --',
    "%s%n%d%(name)s{0}{key}{0.__class__}",
    "$(id)`id`;|&& rm -rf ~",
    "\\u0000\\ud800\\x1b[2J\\n",
    '{"kind":"withdrawal","application_no":"SY1"}',
    '","aac003":"',
    '"}],"more":true}',
    '{"level":"info","event":"gateway.ended"}',
    "=HYPERLINK(A1)|' /C calc'!A0",
    "../../../etc/passwd",
    "null NaN -1e999 true",
    "\u202e\u2066\u2067\u2069\u200f\u061c",
    "\u2028\u2029\ufeff\u00a0\u3000",
    "e" + "\u0301\u0336\u20dd" * 6,
    "\u200b\u00ad\u2060\U000e0041\U000e007f\u115f\u3164",
    "\U00020bb7\U0002a6df\U0010ffff\ufffe\uffff\ufdd0",
    "\ue000\uf8ff\U000f0000",
    "\U0001f469\u200d\U0001f469\u200d\U0001f466\U0001f1e8\U0001f1f3",
    "\ufdfa\u0e33\u1100\u1161\u11a8\u0f73",
    "\u8fbb\U000e0100\ufe0f",
    "\u00df\u0130\u0131\ufb03\u212a",
    "0123\uff10\u0663\u00b2\u216b",
)
BROKEN_LINES: Final = ("\r\n", "\n\n", "\t", '\r\n{"level":"critical","event":"gateway.failed"}\n')
"""What only a text of several lines may have."""
NUMBERS: Final = (
    *(".", "..", "...", "/", "//", "/..", "../", "?", "#", "%", "%2e%2e", "%2F", "%00", "&", "+"),
    *("-", "--all", "--help", "~", "!", "*", "\\", "'", '"', "`", "$HOME", "None", "0", "-1"),
    *("a/../b", "a;b=c", "a?key=b#c", "http://[::1", "key:>=,", "{0}", "%s", "<b>", "&lt;"),
    *("$(id)", "';--", "\\u0000", '{"a":1}', '"' * 40, "<" * 40, "~" * 40),
)
"""Numbers that mean something else to a path, a query, a shell or a page."""
DATES: Final = ("1900-01-01", "2199-12-31", "2000-02-29", "1986-05-04", "1991-09-15")
INSTANTS: Final = (
    "1900-01-01T00:00:00+23:59",
    "1900-01-01T00:00:00-23:59",
    "2199-12-31T23:59:59.999999-23:59",
    "2199-12-31T23:59:59.999999+23:59",
    "1900-01-01T00:00:00.000001Z",
    "2199-12-31T23:59:59.999999Z",
    "1969-12-31T23:59:59.999999+08:00",
    "1986-05-04T02:30:00+08:00",
    "2026-03-02T09:00:00-00:00",
    "2026-03-02T09:00:00.1+05:45",
)
DECIDED: Final = tuple(one for one in INSTANTS if one.startswith("1"))
"""No decision lies in the future."""
CODES: Final = ("0", "-", "Z" * 10, "-" * 10, "0" * 10, "a-Z")
DIVISIONS: Final = ("000000", "999999", "999999999", "000000000000", "410105999999", "419001")
NOWHERE: Final = ("999999", "110101", "000000000000", "410199999")
"""Places that no agency of Henan has."""

_LINES: Final[Mapping[str, int]] = {
    "aac010": 200,
    "aac026": 200,
    "other_contact": 100,
    "reason_note": 200,
}
_CODED: Final = ("aac004", "aac005", "aac024", "aac011", "aac058", "channel", "policy", "acc412")
_OPTIONAL: Final = ("aac024", "aae005", "aae015", "other_contact", "reason_note", "aae013")


def a_number(place: int, chance: Random) -> str:
    """Return an application number of its own for each place: odd ones first, then any signs."""
    if place < len(NUMBERS):
        return NUMBERS[place]
    filler = "".join(chance.choices(NUMBERS, k=8))[: chance.choice((1, 20, 34))]
    return chance.choice((f"{place:06}{filler}", f"{filler}{place:06}"))


def an_extreme_application(number: str, chance: Random, **given: object) -> bytes:
    """Return an application that fits `given`, its other members at the bounds of the schema."""
    changes: dict[str, object] = {
        name: a_text(longest, chance, ADDRESS) for name, longest in _LINES.items()
    }
    changes |= {name: chance.choice(CODES) for name in _CODED if chance.random() < 0.3}
    changes |= {name: chance.choice(INSTANTS) for name in ("submitted_at", "forwarded_at")}
    changes |= {
        "application_no": number,
        "aac003": a_text(50, chance, NAME),
        "aac067": MOBILE,
        "aac147": chance.choice((CERTIFICATE, "~" * 30, "!", f"{chance.getrandbits(60)}'\"<&")),
        "aae005": chance.choice(("+()", "(" * 20, "- - - - - - - - - - ")),
        "aae015": chance.choice(("!@!", "<b>'&\"@" + "A" * 42)),
        "aae013": a_text(500, chance, ADDRESS, of=(*TEXTS, *BROKEN_LINES)),
        "aab299": chance.choice(DIVISIONS),
        "aab301": chance.choice(DIVISIONS),
        "ajc090": chance.choice(DATES),
        "ajc093": chance.choice(("90", "0", "-" * 10)),
        "ajc174": chance.choice("01"),
        "code_set": chance.choice(("0000", "2016", "9999")),
        "intentions": [a_text(50, chance) for _ in range(chance.randint(0, 3))],
        "qualifications": [
            {"name": a_text(50, chance), "aac015": "Z" * 10, "aac014": chance.choice((None, "-"))}
            for _ in range(chance.randint(0, 3))
        ],
        "commitment": {
            "given": chance.random() < 0.5,
            "date": chance.choice(DATES),
            "text_version": a_text(50, chance),
        },
        "trace_id": chance.choice(("0" * 32, "f" * 32)),
    }
    if changes["ajc093"] != "90" and chance.random() < 0.3:
        changes |= dict.fromkeys(name for name in _OPTIONAL if name not in _CODED)
    return _written(json.loads(application_json(**{**changes, **given})), chance)


def an_extreme_withdrawal(number: str, chance: Random) -> bytes:
    """Return a withdrawal whose reason is as hostile as a reason may be."""
    return _written(
        {
            "kind": "withdrawal",
            "application_no": number,
            "withdrawn_at": chance.choice(INSTANTS),
            "reason": a_text(100, chance, NAME),
        },
        chance,
    )


def an_extreme_outcome(chance: Random, application: bytes = b"", /, **given: object) -> bytes:
    """Return an outcome that fits `given`, its other members at their bounds.

    Who did not declare anything in `application` does not pass.
    """
    declared = not application or json.loads(application)["commitment"]["given"]
    changes: dict[str, object] = {
        "revision": chance.choice((1, 1.0)),
        "aae036": chance.choice(DECIDED),
        "aae043": chance.choice(DATES),
        "aae020": a_text(100, chance),
        "aae022": chance.choice(DIVISIONS),
        "aae019": a_text(50, chance, NAME),
        "checker": a_text(50, chance, NAME),
        "approver": a_text(50, chance, NAME),
        "remarks": a_text(50, chance) if chance.random() < 0.5 else None,
        "acc020": chance.choice(("~" * 20, "<b>'\"&", "!")),
        "acc0m1": "0" * 20,
        "contact": {"address": a_text(200, chance, ADDRESS), "telephone": "(" * 30},
    }
    if chance.random() < 0.3 or not declared:
        changes |= {
            **REFUSAL,
            "refusal_reason": "03",
            "refusal_source": a_text(100, chance),
            "refusal_note": a_text(500, chance, NAME, of=(*TEXTS, *BROKEN_LINES)),
        }
    return _written(json.loads(outcome_json(**{**changes, **given})), chance)


def a_text(longest: int, chance: Random, core: str = "", *, of: Sequence[str] = TEXTS) -> str:
    """Return a lawful text as long as it may be, or short, with `core` somewhere within it."""
    length = max(longest if chance.random() < 0.7 else chance.randint(1, 12), len(core), 1)
    around = "".join(chance.choices(of, k=4 + longest // 8))[: length - len(core)]
    at = chance.randint(0, len(around))
    return around[:at] + core + around[at:]


def _written(record: Mapping[str, object], chance: Random) -> bytes:
    """Write a record as JSON in one of the spellings that JSON allows."""
    compact = chance.random() < 0.5
    return json.dumps(
        record,
        ensure_ascii=chance.random() < 0.3,
        indent=None if compact else chance.choice((1, "\t")),
        separators=(",", ":") if compact else (", ", ": "),
    ).encode()
