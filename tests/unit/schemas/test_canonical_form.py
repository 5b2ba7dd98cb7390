"""When two messages say the same: however they are spelled, and not when a character differs."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.records.applications import ForwardedApplication, Withdrawal
from schemas.records.base import WireModel
from schemas.records.canonical_form import (
    bytes_digest,
    canonical_form,
    content_digest,
    digest_of_received,
    is_digest_of,
)
from schemas.records.dispatches import Dispatch
from schemas.records.outcomes import Outcome
from tests.builders.records import application_json, dispatch_json, outcome_json, withdrawal_json
from tests.support.tree import ROOT

RECORDS: Final[tuple[tuple[type[WireModel], bytes], ...]] = (
    (ForwardedApplication, application_json()),
    (Withdrawal, withdrawal_json()),
    (Outcome, outcome_json()),
    (Dispatch, dispatch_json()),
)
SPELLINGS: Final[Mapping[str, Callable[[dict[str, object]], str]]] = {
    "blanks": lambda record: json.dumps(record, indent=3, ensure_ascii=False),
    "escapes": lambda record: json.dumps(record, ensure_ascii=True).replace("/", "\\/"),
    "order": lambda record: json.dumps(dict(reversed(record.items()))),
    "null for absent": lambda record: json.dumps(with_nulls(record)),
    "another zone": lambda record: json.dumps(in_zone(record, timezone(timedelta(hours=-9)))),
    "UTC": lambda record: json.dumps(in_zone(record, UTC)),
    "a fraction for a whole number": lambda record: json.dumps(with_fractions(record)),
}
OPTIONAL: Final = ("remarks", "aae013", "trace_id", "aae005", "dispatch_no", "due_on", "reason")


def with_nulls(record: dict[str, object]) -> dict[str, object]:
    absent = [name for name in OPTIONAL if name not in record and accepts(record, name)]
    return {**record, **dict.fromkeys(absent)}


def accepts(record: dict[str, object], name: str) -> bool:
    model = next(model for model, body in RECORDS if json.loads(body).keys() == record.keys())
    return name in {info.alias or field for field, info in model.model_fields.items()}


def in_zone(value: object, zone: timezone) -> object:
    if isinstance(value, dict):
        return {name: in_zone(one, zone) for name, one in value.items()}
    if isinstance(value, str) and len(value) > 19 and value[10:11] == "T":
        return datetime.fromisoformat(value).astimezone(zone).isoformat()
    return value


def with_fractions(value: object) -> object:
    if isinstance(value, dict):
        return {name: with_fractions(one) for name, one in value.items()}
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


@pytest.mark.parametrize("spell", SPELLINGS.values(), ids=SPELLINGS)
@pytest.mark.parametrize(("model", "body"), RECORDS, ids=[model.__name__ for model, _ in RECORDS])
def test_a_record_in_another_spelling_says_the_same(
    model: type[WireModel], body: bytes, spell: Callable[[dict[str, object]], str]
) -> None:
    assert content_digest(model.read(spell(json.loads(body)))) == content_digest(model.read(body))


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20))
def test_a_text_that_differs_says_something_else(remarks: str) -> None:
    first, other = (
        Outcome.read(outcome_json(remarks=text)) for text in (remarks, remarks + "\u200b")
    )
    assert content_digest(first) != content_digest(other)


def test_the_form_is_sorted_without_blanks_and_leaves_out_what_says_nothing() -> None:
    said = Outcome.read(
        outcome_json(remarks='一\u2028"\\/𠮷', checker=None, aae036="2026-03-02T00:20:00.120+08:00")
    )
    assert canonical_form(said).decode() == (
        '{"aae016":"1","aae017":"410105-01","aae019":"李静","aae020":"金水区公共就业服务中心",'
        '"aae022":"410105","aae036":"2026-03-01T16:20:00.12Z","aae043":"2026-03-03",'
        '"acc020":"4101052026000001","acc0m1":"4101050026000001",'
        '"application_no":"SY2026030200001","dispatch_no":"D0-1","remarks":"一\u2028\\"\\\\/𠮷",'
        '"review_state":"2","revision":1}'
    )


def test_a_default_that_is_written_out_says_nothing_and_an_empty_object_does() -> None:
    bare, written_out = (
        ForwardedApplication.read(body)
        for body in (application_json(), application_json(intentions=[], qualifications=[]))
    )
    assert canonical_form(bare) == canonical_form(written_out)
    assert b"intentions" not in canonical_form(bare)
    contact = Outcome.read(outcome_json(contact={}))
    assert b'"contact":{}' in canonical_form(contact)


STORED_BEFORE: Final = (
    "ace2fd0bcc54a54f72a139ff8046f034aba0ad14eb96d6cfe8baaf2af6b50e99",
    "6ad323747541ca8d026182b97de294c3fe7381c88e095dc1df184b0c9bd9a942",
    "af95fdc623eeeb34e8c116a3226cb2c8b520676eff5687e552093dd91db8262a",
    "a9fefccebef17d03d184eee2ae40aee5c7fd33cd7308543905e84810f820473e",
)
"""What the program before stored of each of `RECORDS`, by its own code."""
BODIES_BEFORE: Final = (
    application_json(),
    withdrawal_json(),
    outcome_json(aae036="2026-03-03T15:00:00.5+08:00", remarks="𠮷"),
    dispatch_json(),
)


@pytest.mark.parametrize("place", range(4))
def test_a_digest_that_an_earlier_program_stored_is_recognised(place: int) -> None:
    (model, _), body = RECORDS[place], BODIES_BEFORE[place]
    record = model.read(body)
    assert is_digest_of(STORED_BEFORE[place], record, b"in another spelling")
    assert is_digest_of(bytes_digest(body), record, body)
    assert not is_digest_of(STORED_BEFORE[place - 1], record, body)


def test_what_cannot_be_read_has_the_digest_of_its_bytes() -> None:
    assert digest_of_received(b"{}", Outcome.read) == bytes_digest(b"{}")
    body = outcome_json()
    assert digest_of_received(body, Outcome.read) == content_digest(Outcome.read(body))


def test_nothing_else_makes_a_digest_of_what_a_record_says() -> None:
    """Other hashes are over names of ours, never over a record or the bytes it came in."""
    over_content = re.compile(r"sha256\([^)]*\b(?:content|body|received|raw|record|item)\b")
    speaking = {
        path.as_posix()
        for folder in ("gateway", "simulator", "schemas/records")
        for path in (ROOT / folder).rglob("*.py")
        if over_content.search(path.read_text("utf-8"))
    }
    assert speaking == {(ROOT / "schemas/records/canonical_form.py").as_posix()}


def test_another_instant_or_an_added_member_says_something_else() -> None:
    said = {
        content_digest(Outcome.read(outcome_json(**changes)))
        for changes in ({}, {"remarks": "x"}, {"aae036": "2026-07-09T10:00:00.000001+08:00"})
    }
    assert len(said) == 3
