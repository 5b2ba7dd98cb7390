"""What a record's members demand of each other, as JSON Schema: the models' checks, published.

A member that is `null` counts as absent, as `schemas.base.WireModel` has it. Every rule here
repeats a validator of its model, so that a reader of the schema alone comes to the same verdict.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from schemas.applications import DISABLED, OTHER_REASON
from schemas.outcomes import RefusalReason, Verdict
from schemas.receipts import ItemStatus

Schema = Mapping[str, object]


def _given(*members: str) -> dict[str, object]:
    return {
        "required": list(members),
        "properties": {member: {"not": {"type": "null"}} for member in members},
    }


def _absent(*members: str) -> dict[str, object]:
    return {"properties": {member: {"type": "null"} for member in members}}


def _when(member: str, value: str, then: Schema, otherwise: Schema | None = None) -> Schema:
    rule: dict[str, object] = {
        "if": {"required": [member], "properties": {member: {"const": value}}},
        "then": then,
    }
    return rule if otherwise is None else rule | {"else": otherwise}


def _both(first: dict[str, object], second: dict[str, object]) -> Schema:
    return {"allOf": [first, second]}


_APPLICATION: Final = (
    _when("aac033", DISABLED, _given("disability_grade"), _absent("disability_grade")),
    _when(
        "ajc093",
        OTHER_REASON,
        {
            "required": ["reason_note"],
            "properties": {"reason_note": {"type": "string", "minLength": 1}},
        },
    ),
)
_OUTCOME: Final = (
    {
        "oneOf": [
            _both(_given("application_no"), _absent("division", "local_serial")),
            _both(_absent("application_no"), _given("division", "local_serial")),
        ]
    },
    _when("aae016", Verdict.NOT_PASSED, _given("refusal_reason"), _absent("refusal_reason")),
    _when("refusal_reason", RefusalReason.EMPLOYED, _given("refusal_source")),
    _when("aae016", Verdict.PASSED, _given("acc020", "aae043", "acc0m1")),
)
_ITEM_RESULT: Final = (
    _when(
        "status",
        ItemStatus.REFUSED,
        _both(_given("problem"), _absent("receipt")),
        _both(_given("receipt"), _absent("problem")),
    ),
)

RULES: Final[Mapping[str, tuple[Schema, ...]]] = MappingProxyType(
    {
        "ForwardedApplication": _APPLICATION,
        "Outcome": _OUTCOME,
        "ItemResult": _ITEM_RESULT,
    }
)
"""The rules of a record, by the name of its model; they join its schema under `allOf`."""
