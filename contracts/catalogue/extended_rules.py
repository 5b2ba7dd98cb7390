"""What members of the extended records demand of each other: the models' checks, published."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from contracts.catalogue.conditions import (
    ONE_KEY_FORM,
    Schema,
    absent,
    both,
    given,
    inside,
    when,
    where,
)
from schemas.records.application_returns import (
    FORWARDED_TWICE,
    UNREADABLE_CONTENT,
    WRONG_DIVISION,
)
from schemas.records.deregistrations import OTHER_GROUND
from schemas.records.outcomes import Verdict
from schemas.records.returns import OTHER_RETURN_REASON
from schemas.records.statements import EntryKind
from schemas.reference.codes import CodeTables

_ONE_WORD_ON_NOTICE: Final[Schema] = where(
    given("notice"),
    then=absent("notice_due", "notice_exempt"),
    otherwise=where(
        given("notice_due"), then=absent("notice_exempt"), otherwise=given("notice_exempt")
    ),
)
_TABLES: Final = CodeTables.load()
_EXEMPT: Final = [one for one in _TABLES.codes("acc025") if _TABLES.notice_required(one) is False]
"""Grounds on which nobody need be notified."""
_DEREGISTRATION: Final = (
    ONE_KEY_FORM,
    _ONE_WORD_ON_NOTICE,
    when("notice_exempt", "1", then={"properties": {"acc025": {"enum": _EXEMPT}}}),
    when("notice_due", "1", then={"properties": {"acc025": {"not": {"enum": _EXEMPT}}}}),
    when("acc025", OTHER_GROUND, then=given("ground_note")),
)
_RETURN_PLACE: Final = (
    when("reason", WRONG_DIVISION, then=given("belongs_to")),
    when("reason", FORWARDED_TWICE, UNREADABLE_CONTENT, then=absent("belongs_to")),
)
_PASSED: Final[Schema] = {"const": Verdict.PASSED.value}
_REGISTRATION: Final[tuple[Schema, ...]] = (
    {
        "if": {"properties": {"outcome": {"type": "object"}}, "required": ["outcome"]},
        "then": inside("outcome", absent("application_no", "dispatch_no")),
    },
    {
        "if": inside("commitment", {"properties": {"given": {"const": False}}}),
        "then": inside("outcome", {"properties": {"aae016": {"not": _PASSED}}}),
    },
)
_ENTRY: Final = (
    when(
        "kind",
        EntryKind.OUTCOME,
        EntryKind.REGISTRATION,
        then=given("aae016"),
        otherwise=absent("aae016"),
    ),
    when(
        "kind",
        EntryKind.APPLICATION,
        EntryKind.WITHDRAWAL,
        then=given("acknowledged"),
        otherwise=absent("acknowledged"),
    ),
)

_KEYS_OR_A_PEER: Final[Schema] = where(given("keys"), then=absent("peer"), otherwise=given("peer"))

EXTENDED_RULES: Final[Mapping[str, tuple[Schema, ...]]] = MappingProxyType(
    {
        "ApplicationReturn": (
            where(
                given("application_no"),
                then=absent("position"),
                otherwise=both(
                    given("position"), {"properties": {"reason": {"const": UNREADABLE_CONTENT}}}
                ),
            ),
            *_RETURN_PLACE,
        ),
        "Deregistration": _DEREGISTRATION,
        "DispatchReturn": (when("reason", OTHER_RETURN_REASON, then=given("note")),),
        "LocalRegistration": _REGISTRATION,
        "ResendAct": (_KEYS_OR_A_PEER,),
        "ReturnAct": _RETURN_PLACE,
        "StatementEntry": _ENTRY,
    }
)
"""The rules of a record, by the name of its model."""
