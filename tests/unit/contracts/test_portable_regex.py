"""Only patterns that every dialect reads alike are published."""

import pytest

from contracts.catalogue.operation_types import Side
from contracts.catalogue.records import RECORDS
from contracts.lint.portable_regex import regex_violation
from contracts.publish.json_walk import walk
from contracts.publish.openapi import openapi
from contracts.publish.record_schemas import schema_of

PORTABLE = (
    r"^[0-9]{6}$",
    r"^[^\x00-\x1f]+$",
    r"^[0-9]{6}([0-9]{3}([0-9]{3})?)?$",
    r"^(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})$",
    r"^[!-?A-~]+@[!-?A-~]+$",
    r"^[0-9+() -]{3,20}$",
    r"^a\.b\\c$",
    r"^x{1000}$",
    "^$",
)
STRANGE = (
    *(r"[0-9]{6}", r"^[0-9]{6}", r"[0-9]{6}$", "^", "$", ""),
    *(r"^\d{6}$", r"^\w+$", r"^\s$", r"^\bx$", r"^\p{Han}+$", r"^\u4e00$", r"^[\d]$", r"^\cA$"),
    *(r"^(?!x)[a-z]+$", r"^(?=x)x$", r"^(?<=x)y$", r"^(?:x)$", r"^(?i)x$", r"^(?<n>x)$"),
    *(r"^a+?$", r"^a++$", r"^a*+$", r"^a{2}?$", r"^*$", r"^(|+)$", r"^x{1001}$", r"^(x)\1$"),
    *("^[一-龥]+$", r"^.$", r"^a^b$", r"^a$b$", r"^[a[b]]$", r"^[a-z&&b]$", r"^[a--b]$", r"^]$"),
    *(r"^(a$", r"^a)$", r"^[a$", r"^}$", r"^\-$", "^[]$", "^[[:alpha:]]$"),
)


@pytest.mark.parametrize("pattern", PORTABLE)
def test_a_portable_pattern_passes(pattern: str) -> None:
    assert regex_violation(pattern) is None


@pytest.mark.parametrize("pattern", STRANGE)
def test_a_pattern_of_one_dialect_is_found(pattern: str) -> None:
    assert regex_violation(pattern)


def test_every_published_pattern_is_portable() -> None:
    documents = [*(schema_of(record) for record in RECORDS), *(openapi(side) for side in Side)]
    parts = [part for document in documents for _, part in walk(document)]
    patterns = {part["pattern"] for part in parts if isinstance(part.get("pattern"), str)}
    assert len(patterns) > 10
    assert {one: fault for one in patterns if (fault := regex_violation(str(one)))} == {}
