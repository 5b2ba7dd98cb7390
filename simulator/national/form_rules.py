"""表单校验: what the national entry checks before it takes a form.

Its checks are those of the entry's own form (黑人社函〔2020〕87号 annex 1): required marks and code
tables. Whether the person may be registered is never judged here (人社厅发〔2020〕3号 art. 8).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

from schemas.records.applications import (
    HOUSEHOLD,
    OTHER_REASON,
    RESIDENCE,
    ForwardedApplication,
    PersonForm,
)
from schemas.records.problems import FieldError
from schemas.reference.codes import CodeTables
from schemas.reference.divisions import DivisionTree
from simulator.national.filing_request import FilingRequest
from simulator.national.places import is_known

_TABLES: Final = MappingProxyType(
    {
        "sex": "aac004",
        "ethnic_group": "aac005",
        "political_status": "aac024",
        "education": "aac011",
        "health": "aac033",
        "disability_grade": "disability-grade",
        "certificate_type": "aac058",
    }
)
_WIRE_NAMES: Final = MappingProxyType(
    {name: field.alias or name for name, field in ForwardedApplication.model_fields.items()}
)


@dataclass(frozen=True, slots=True)
class FormRules:
    """The checks of the form against the code tables and the tree of divisions."""

    tables: CodeTables
    tree: DivisionTree

    def errors(self, request: FilingRequest, today: date) -> tuple[FieldError, ...]:
        """Return what is wrong with a form on `today`, a date in Beijing; nothing if it is fit."""
        checked = (*self._codes(request), *self._places(request), *self._spell(request.form, today))
        return tuple(_error(member, message) for member, fits, message in checked if not fits)

    def _codes(self, request: FilingRequest) -> Iterator[tuple[str, bool, str]]:
        """Every code is in its table."""
        tables, form = self.tables, request.form
        for member, table in _TABLES.items():
            if (code := getattr(form, member)) is not None:
                yield member, tables.known(table, code), "代码不在代码表中"
        basis_known = tables.known("acc412", request.place_basis, generation=request.policy)
        yield "place_basis", basis_known, "登记失业地类型不在代码表中"
        yield "channel", tables.known("channel", request.channel), "受理渠道不在代码表中"

    def _places(self, request: FilingRequest) -> Iterator[tuple[str, bool, str]]:
        """Every division is in the tree, and the registration place follows from its basis."""
        form = request.form
        for member, division in (
            ("household_division", form.household_division),
            ("residence_division", form.residence_division),
            ("place_division", request.place_division),
        ):
            yield member, is_known(division, self.tree), "行政区划代码不存在"
        yield "place_division", _follows(request), "登记失业地与所选登记失业地类型不一致"

    def _spell(self, form: PersonForm, today: date) -> Iterator[tuple[str, bool, str]]:
        """The spell without work (失业) has a known reason and has begun."""
        yield "reason", self._reason_known(form), "失业原因不在代码表中"
        yield "unemployed_since", form.unemployed_since <= today, "失业时间不能晚于今天"

    def _reason_known(self, form: PersonForm) -> bool:
        if form.code_set not in self.tables.generations("ajc093"):
            return False
        known = self.tables.known("ajc093", form.reason, generation=form.code_set)
        return known and (form.reason != OTHER_REASON or bool(form.reason_note))


def _follows(request: FilingRequest) -> bool:
    """Household and residence decide the place; workplace and insured place are the person's word.

    Source: 人社厅发〔2020〕3号 art. 1; 人社厅发〔2020〕79号.
    """
    form = request.form
    decided = {HOUSEHOLD: form.household_division, RESIDENCE: form.residence_division}
    return request.place_division == decided.get(request.place_basis, request.place_division)


def _error(member: str, message: str) -> FieldError:
    pointer = f"/{_WIRE_NAMES[member]}"
    return FieldError(pointer=pointer, code="message.invalid", message=message)
