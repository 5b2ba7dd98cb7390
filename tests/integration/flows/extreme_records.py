"""Records that are lawful to the last character: longest texts, boundary dates, astral letters."""

from collections.abc import Mapping
from random import Random
from typing import Final

from tests.builders.records import outcome_json
from tests.integration.flows.desk import AT_JIYUAN, an_item

LETTERS: Final = "\U00020bb7\U0010ffff\u202e\u0301\u2028\"\\<'%"
DATES: Final = ("1900-01-01", "2199-12-31", "2000-02-29", "1986-05-04")
INSTANTS: Final = (
    "1900-01-01T00:00:00+23:59",
    "2199-12-31T23:59:59.999999-23:59",
    "1900-01-01T00:00:00.000001Z",
    "2199-12-31T23:59:59.999999Z",
    "1969-12-31T23:59:59.999999+08:00",
    "2026-03-02T09:00:00-00:00",
)
TEXTS: Final[Mapping[str, int]] = {
    "aac003": 50,
    "aac010": 200,
    "aac026": 200,
    "other_contact": 100,
    "aae013": 500,
}
OPTIONAL: Final = ("other_contact", "aae013", "trace_id", "aae005", "aae015", "aac024")


def an_extreme_application(number: str, chance: Random) -> bytes:
    """Return an application whose members stand at the bounds that the schema gives them."""
    changes: dict[str, object] = {
        name: a_text(longest, chance) for name, longest in TEXTS.items() if chance.random() < 0.8
    }
    changes |= {"ajc090": chance.choice(DATES)} if chance.random() < 0.8 else {}
    changes |= {
        name: chance.choice(INSTANTS)
        for name in ("submitted_at", "forwarded_at")
        if chance.random() < 0.8
    }
    changes["intentions"] = [a_text(50, chance) for _ in range(chance.randint(0, 3))]
    changes["qualifications"] = [
        {"name": a_text(50, chance), "aac015": "Z" * 10, "aac014": None}
        for _ in range(chance.randint(0, 3))
    ]
    changes["aac147"] = "~" * 30 if chance.random() < 0.5 else "!"
    changes |= AT_JIYUAN if chance.random() < 0.5 else {}
    absent = dict.fromkeys(name for name in OPTIONAL if name not in changes)
    return an_item(number, **(absent if chance.random() < 0.5 else {}), **changes)


def an_extreme_outcome(chance: Random, **given: object) -> bytes:
    """Return an outcome that fits `given`, its other members at their bounds."""
    changes = {
        "aae036": chance.choice(INSTANTS),
        "aae043": chance.choice(DATES),
        "aae020": a_text(100, chance),
        "aae019": a_text(50, chance),
        "checker": a_text(50, chance),
        "remarks": a_text(50, chance) if chance.random() < 0.5 else None,
        "acc020": "~" * 20,
        "contact": {"address": a_text(200, chance), "telephone": "(" * 30},
    }
    return outcome_json(**{**changes, **given})


def a_text(longest: int, chance: Random) -> str:
    """Return a text of one character, or as long as it may be."""
    length = longest if chance.random() < 0.7 else 1
    return "".join(chance.choices(LETTERS, k=length))
