"""The national form (失业登记申请表) as a web form: its fields, and reading what was filled in.

Source: 黑人社函〔2020〕87号 annex 1 and its notes; required marks as the published record has them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

import orjson
from pydantic import ValidationError

from schemas.records.applications import DISABLED, HOUSEHOLD, OTHER_REASON, RESIDENCE, PersonForm
from schemas.records.problems import FieldError
from schemas.reference.codes import CodeTables
from simulator.national.applicants import CODE_SET
from simulator.national.filing import POLICY, Wish

Widget = Literal["text", "select", "radio", "date", "division", "area", "tel", "email"]
Values = Mapping[str, str]
Errors = Mapping[str, str]
_CHANNEL: Final = "31"
_ROWS: Final = (1, 2, 3)
_REASONS: Final = (
    *("10", "21", "22", "23", "24", "31", "32"),
    *("40", "50", "60", "70", "80", "90"),
)
"""The boxes of the form: the sub-kinds of 20, and not the group itself."""
_EDUCATION: Final = ("11", "14", "21", "31", "41", "44", "47", "61", "71", "81", "90")
_SEXES: Final = ("1", "2")


@dataclass(frozen=True, slots=True)
class FormField:
    """One field: `name` is the member's English name; `table` the code table it is chosen from."""

    name: str
    label: str
    widget: Widget = "text"
    table: str | None = None
    only: tuple[str, ...] = ()
    generation: str | None = None
    longest: int = 50
    hint: str = ""
    columns: int = 1  # of the form's three

    @property
    def required(self) -> bool:
        """Whether it bears the mark *."""
        known = PersonForm.model_fields.get(self.name)
        return self.name in _ALWAYS if known is None else known.is_required()

    def options(self, tables: CodeTables) -> Iterator[tuple[str, str]]:
        """Yield the codes to choose from, with their names."""
        if self.table is None:
            return
        for code in self.only or tables.codes(self.table, self.generation):
            yield code, tables.name(self.table, code, self.generation) or code


_ALWAYS: Final = frozenset({"place_basis"})
SECTIONS: Final = (
    (
        "基本信息",
        (
            FormField("name", "姓名"),
            FormField("sex", "性别", "radio", "aac004", _SEXES),
            FormField("certificate_type", "证件类型", "select", "aac058-service"),
            FormField("certificate_no", "证件号码", longest=30, hint="模拟号码的顺序码为 000"),
            FormField("ethnic_group", "民族", "select", "aac005"),
            FormField("political_status", "政治面貌", "select", "aac024"),
            FormField("education", "学历", "select", "aac011", _EDUCATION),
            FormField("health", "健康状况", "select", "aac033"),
            FormField(
                "disability_grade",
                "伤残等级",
                "select",
                "disability-grade",
                hint="健康状况为残疾时必填",
            ),
        ),
    ),
    (
        "联系方式",
        (
            FormField("mobile", "手机号码", "tel", longest=11),
            FormField("telephone", "固定电话", "tel", longest=20),
            FormField("email", "电子邮件", "email"),
            FormField("other_contact", "其他联系方式", longest=100),
        ),
    ),
    (
        "户籍、常住地与登记失业地",
        (
            FormField("household_division", "户籍地行政区划", "division", longest=12),
            FormField("household_address", "户籍详细地址", longest=200, columns=2),
            FormField("residence_division", "常住地行政区划", "division", longest=12),
            FormField("residence_address", "常住地详细地址", longest=200, columns=2),
            FormField("place_basis", "登记失业地", "radio", "acc412", generation=POLICY, columns=2),
            FormField(
                "place_division",
                "就业地或参保地行政区划",
                "division",
                longest=12,
                hint="选就业地或参保地时必填",
            ),
        ),
    ),
    (
        "失业情况",
        (
            FormField("unemployed_since", "失业时间", "date", longest=10),
            FormField("reason", "失业原因", "select", "ajc093", _REASONS, CODE_SET),
            FormField("reason_note", "其他原因说明", longest=200, hint="失业原因为其他时必填"),
            FormField("claims_insurance", "是否申领失业保险金", "radio", "yes-no"),
        ),
    ),
    (
        "求职意向与技能",
        (
            *(FormField(f"intention_{row}", f"求职意向 {row}") for row in _ROWS),
            *(FormField(f"qualification_{row}", f"职业资格 {row}") for row in _ROWS),
            *(FormField(f"level_{row}", f"等级 {row}", "select", "aac015") for row in _ROWS),
            FormField("remarks", "其他需说明的事项", "area", longest=500, columns=3),
        ),
    ),
)
"""The form from top to bottom."""

_FIELDS: Final = MappingProxyType({one.name: one for _, fields in SECTIONS for one in fields})
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


def read_form(values: Values) -> tuple[Wish | None, Errors]:
    """Return the filled-in form, or what is wrong beside each field."""
    errors = dict(_unmet(values))
    try:
        form = PersonForm.model_validate_json(orjson.dumps(_members(values)), by_name=True)
    except ValidationError as exc:
        found = exc.errors(include_url=False, include_input=False)
        beside = {
            _beside(error["loc"]): _MESSAGES.get(error["type"], "格式不正确") for error in found
        }
        return None, beside | errors
    if errors:
        return None, errors
    basis = values["place_basis"]
    follows = {HOUSEHOLD: form.household_division, RESIDENCE: form.residence_division}
    place = follows.get(basis) or values["place_division"].strip()
    return Wish(form, basis, place, _CHANNEL), {}


def show_wish(wish: Wish) -> Values:
    """Return a filled-in form as the values of its fields."""
    form = wish.form
    values = {
        name: str(value)
        for name in PersonForm.model_fields
        if name in _FIELDS and (value := getattr(form, name)) is not None
    }
    values |= {f"intention_{row}": text for row, text in enumerate(form.intentions, 1)}
    for row, skill in enumerate(form.qualifications, 1):
        values[f"qualification_{row}"] = skill.name
        values[f"level_{row}"] = skill.vocational_level or ""
    if wish.place_basis not in {HOUSEHOLD, RESIDENCE}:
        values["place_division"] = wish.place_division
    return values | {"place_basis": wish.place_basis}


def beside_fields(errors: tuple[FieldError, ...]) -> Errors:
    """Return the errors of a problem body by the field they belong to."""
    return {_beside((error.pointer.lstrip("/"),)): error.message for error in errors}


def _unmet(values: Values) -> Iterator[tuple[str, str]]:
    """What the models ask of several fields together, beside the one to correct."""
    if (values.get("health") == DISABLED) != bool(values.get("disability_grade")):
        yield "disability_grade", "健康状况为残疾时填写，否则不填"
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
        given[f"intention_{row}"] for row in _ROWS if f"intention_{row}" in given
    ]
    members["qualifications"] = [
        {"name": given[f"qualification_{row}"]}
        | ({"aac015": given[f"level_{row}"]} if f"level_{row}" in given else {})
        for row in _ROWS
        if f"qualification_{row}" in given
    ]
    return members | {"code_set": CODE_SET}


def _beside(where: tuple[int | str, ...]) -> str:
    if not where:
        return "form"
    first = str(where[0])
    row = int(where[1]) + 1 if len(where) > 1 and isinstance(where[1], int) else 1
    if first == "intentions":
        return f"intention_{row}"
    if first == "qualifications":
        return f"level_{row}" if where[-1] == "aac015" else f"qualification_{row}"
    return _ENGLISH.get(first, first)
