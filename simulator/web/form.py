"""The national form as a web form: reading what was filled in, and filling it in."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

import orjson
from pydantic import ValidationError

from schemas.records.applications import DISABLED, HOUSEHOLD, OTHER_REASON, RESIDENCE, PersonForm
from schemas.records.problems import FieldError
from simulator.national.applicants import CODE_SET
from simulator.national.filing_request import FilingRequest
from simulator.web.form_fields import FIELDS, ROWS

Values = Mapping[str, str]
"""What was filled in, by field."""
Errors = Mapping[str, str]
"""What is wrong, by field; `form` is the form as a whole."""
_CHANNEL: Final = "31"
_ENGLISH: Final = MappingProxyType(
    {field.alias or name: name for name, field in PersonForm.model_fields.items()}
    | {"acc412": "place_basis"}
)
_MESSAGES: Final = MappingProxyType(
    {
        "missing": "必填",
        "string_too_short": "必填",
        "string_too_long": "过长",
        "date_from_datetime_parsing": "日期不存在",
        "date_parsing": "日期不存在",
    }
)


def read_form(values: Values) -> tuple[FilingRequest | None, Errors]:
    """Return the request of a filled-in form, or what is wrong with it by field."""
    errors = dict(_unmet_rules(values))
    try:
        form = PersonForm.model_validate_json(orjson.dumps(_members(values)), by_name=True)
    except ValidationError as exc:
        found = exc.errors(include_url=False, include_input=False)
        by_field = {
            _field_of(error["loc"]): _MESSAGES.get(error["type"], "格式不正确") for error in found
        }
        return None, by_field | errors
    if errors:
        return None, errors
    basis = values["place_basis"]
    decided = {HOUSEHOLD: form.household_division, RESIDENCE: form.residence_division}
    place = decided.get(basis) or values["place_division"].strip()
    return FilingRequest(form, basis, place, _CHANNEL), {}


def form_values(request: FilingRequest) -> Values:
    """Return a filled-in form as the values of its fields."""
    form = request.form
    values = {
        name: str(value)
        for name in PersonForm.model_fields
        if name in FIELDS and (value := getattr(form, name)) is not None
    }
    values |= {f"intention_{row}": text for row, text in enumerate(form.intentions, 1)}
    for row, skill in enumerate(form.qualifications, 1):
        values[f"qualification_{row}"] = skill.name
        values[f"level_{row}"] = skill.vocational_level or ""
    if request.place_basis not in {HOUSEHOLD, RESIDENCE}:
        values["place_division"] = request.place_division
    return values | {"place_basis": request.place_basis}


def errors_by_field(errors: tuple[FieldError, ...]) -> Errors:
    """Return the errors of a problem body by the field they belong to."""
    return {_field_of((error.pointer.lstrip("/"),)): error.message for error in errors}


def _unmet_rules(values: Values) -> Iterator[tuple[str, str]]:
    """Yield what the models require of several fields together, at the field to correct."""
    if (values.get("health") == DISABLED) != bool(values.get("disability_grade")):
        yield "disability_grade", "健康状况为残疾时填写，其他情形不填"
    if values.get("reason") == OTHER_REASON and not values.get("reason_note", "").strip():
        yield "reason_note", "失业原因为其他时必填"
    if not values.get("place_basis"):
        yield "place_basis", "必填"
    elif values["place_basis"] not in {HOUSEHOLD, RESIDENCE} and not values.get("place_division"):
        yield "place_division", "必填"
    if values.get("commitment") != "1":
        yield "commitment", "须由本人作出承诺"


def _members(values: Values) -> dict[str, object]:
    """Return the record's members; what was left empty is absent."""
    given = {name: text.strip() for name, text in values.items() if text.strip()}
    members: dict[str, object] = {
        name: given[name] for name in PersonForm.model_fields if name in given
    }
    members["intentions"] = [
        given[f"intention_{row}"] for row in ROWS if f"intention_{row}" in given
    ]
    members["qualifications"] = [
        {"name": given[f"qualification_{row}"]}
        | ({"aac015": given[f"level_{row}"]} if f"level_{row}" in given else {})
        for row in ROWS
        if f"qualification_{row}" in given
    ]
    return members | {"code_set": CODE_SET}


def _field_of(where: tuple[int | str, ...]) -> str:
    if not where:
        return "form"
    first = str(where[0])
    row = int(where[1]) + 1 if len(where) > 1 and isinstance(where[1], int) else 1
    if first == "intentions":
        return f"intention_{row}"
    if first == "qualifications":
        return f"level_{row}" if where[-1] == "aac015" else f"qualification_{row}"
    return _ENGLISH.get(first, first)
