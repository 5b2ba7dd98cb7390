"""What a record's members demand of each other, as JSON Schema: the models' checks, published.

A member that is `null` counts as absent, as `schemas.records.base.WireModel` has it. Every rule
here repeats a validator of its model: a check by the schema alone comes to the same verdict.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from contracts.catalogue.conditions import ONE_KEY_FORM, Schema, absent, both, given, when
from contracts.catalogue.extended_rules import EXTENDED_RULES
from schemas.records.applications import DISABLED, OTHER_REASON
from schemas.records.outcomes import RefusalReason, Verdict
from schemas.records.receipts import ItemStatus

_FORM: Final[tuple[Schema, ...]] = (
    when(
        "aac033",
        DISABLED,
        then=given("disability_grade"),
        otherwise=absent("disability_grade"),
    ),
    when(
        "ajc093",
        OTHER_REASON,
        then={
            "required": ["reason_note"],
            "properties": {"reason_note": {"type": "string", "minLength": 1}},
        },
    ),
)
_OUTCOME: Final = (
    ONE_KEY_FORM,
    when(
        "aae016",
        Verdict.NOT_PASSED,
        then=given("refusal_reason"),
        otherwise=absent("refusal_reason"),
    ),
    when("refusal_reason", RefusalReason.EMPLOYED, then=given("refusal_source")),
    when("aae016", Verdict.PASSED, then=given("acc020", "aae043", "acc0m1")),
)
_ITEM_RESULT: Final = (
    when(
        "status",
        ItemStatus.REFUSED,
        then=both(given("problem"), absent("receipt")),
        otherwise=both(given("receipt"), absent("problem")),
    ),
)

RULES: Final[Mapping[str, tuple[Schema, ...]]] = MappingProxyType(
    {
        "CaseView": (ONE_KEY_FORM,),
        "ForwardedApplication": _FORM,
        "ItemResult": _ITEM_RESULT,
        "Outcome": _OUTCOME,
        "PersonForm": _FORM,
        **EXTENDED_RULES,
    }
)
"""The rules of a record, by the name of its model; they join its schema under `allOf`."""
