"""When two messages say the same: however they are spelled, and not when a character differs."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.records.applications import ForwardedApplication, Withdrawal
from schemas.records.base import WireModel
from schemas.records.dispatches import Dispatch
from schemas.records.equality import content_digest
from schemas.records.outcomes import Outcome
from tests.builders.records import application_json, dispatch_json, outcome_json, withdrawal_json

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


def test_another_instant_or_an_added_member_says_something_else() -> None:
    said = {
        content_digest(Outcome.read(outcome_json(**changes)))
        for changes in ({}, {"remarks": "x"}, {"aae036": "2026-07-09T10:00:00.000001+08:00"})
    }
    assert len(said) == 3
