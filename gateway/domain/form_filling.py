"""登记表填写: an application as a province's form, and the form read back as an application.

What the form has no box for is named, and so is what its boxes say more coarsely.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from gateway.domain.form_layout import FORM_MEMBERS, Box, FormLayout, FormPart, Option
from schemas.records.applications import ForwardedApplication
from schemas.records.registrations import LocalRegistration
from schemas.reference.codes import CodeTables
from schemas.reference.divisions import DivisionTree, UnknownDivision

_OPEN, _CLOSE = "（", "）"
_TRUTH: Final = {True: "true", False: "false"}


@dataclass(frozen=True, slots=True)
class WrittenPart:
    """What stands in one part of a box: its text, or the label of the box that is ticked."""

    part: FormPart
    text: str | None


@dataclass(frozen=True, slots=True)
class FilledBox:
    """A box with what stands in it."""

    box: Box
    written: tuple[WrittenPart, ...]


@dataclass(frozen=True, slots=True)
class FilledForm:
    """填好的登记表: boxes in order, and by member what was given and is not on it, or is coarser.

    `unshown` maps members to values without a box; `coarser` to values whose box says less.
    """

    layout: FormLayout
    boxes: tuple[FilledBox, ...]
    unshown: Mapping[str, str]
    coarser: Mapping[str, str]


def form_values(record: ForwardedApplication | LocalRegistration) -> dict[str, str]:
    """Return the members of an application, or of a local registration, by their wire names."""
    whole = record.model_dump(mode="json", by_alias=True, exclude_none=True)
    flat = dict(_flat({**whole, **whole.pop("person", {})}))
    return {member: flat[member] for member in FORM_MEMBERS if member in flat}


def fill_form(
    layout: FormLayout, values: Mapping[str, str], *, tables: CodeTables, tree: DivisionTree
) -> FilledForm:
    """Return the form with `values` (of `form_values`) in its boxes."""
    unshown = {member: values[member] for member in layout.lacking if member in values}
    coarser: dict[str, str] = {}
    code_set = values.get("code_set", "")

    def write(part: FormPart) -> WrittenPart:
        value = values.get(part.member)
        if value is None:
            return WrittenPart(part, None)
        if not part.options:
            names = _names(tables, part, code_set)
            return WrittenPart(part, _text(part, value, names, tree))
        option = _option(part, value, code_set, tables)
        if option is None:
            unshown[part.member] = value
        elif option.codes[0] != value or _is_other_edition(part, code_set):
            coarser[part.member] = value
        return WrittenPart(part, option.label if option else None)

    boxes = tuple(FilledBox(box, tuple(map(write, box.parts))) for box in layout.boxes)
    return FilledForm(layout, boxes, unshown, coarser)


def read_form(form: FilledForm, *, tables: CodeTables) -> dict[str, str]:
    """Return the members that stand on a filled form."""
    return {
        one.part.member: _value(one.part, one.text, tables)
        for box in form.boxes
        for one in box.written
        if one.text is not None
    }


def masked_form(
    form: FilledForm, values: Mapping[str, str], mask: Callable[[str, str], str]
) -> FilledForm:
    """Return the form with every text replaced whose value `mask(member, value)` changes."""

    def cover(one: WrittenPart) -> WrittenPart:
        value = values.get(one.part.member)
        if one.text is None or value is None:
            return one
        shown = mask(one.part.member, value)
        return one if shown == value else WrittenPart(one.part, shown)

    boxes = tuple(replace(box, written=tuple(map(cover, box.written))) for box in form.boxes)
    unshown = {member: mask(member, value) for member, value in form.unshown.items()}
    coarser = {member: mask(member, value) for member, value in form.coarser.items()}
    return FilledForm(form.layout, boxes, unshown, coarser)


def _flat(value: object, at: str = "") -> dict[str, str]:
    match value:
        case dict():
            parts = value.items()
        case list() | tuple():
            parts = {str(place): one for place, one in enumerate(value)}.items()
        case bool():
            return {at: _TRUTH[value]}
        case _:
            return {at: str(value)}
    return {
        name: text
        for key, one in parts
        for name, text in _flat(one, f"{at}/{key}".strip("/")).items()
    }


def _is_other_edition(part: FormPart, code_set: str) -> bool:
    return part.generation is not None and code_set != part.generation


def _option(part: FormPart, value: str, code_set: str, tables: CodeTables) -> Option | None:
    code: str | None = value
    if part.table is not None and part.generation is not None:
        code = tables.becomes(
            part.table, value, from_generation=code_set, to_generation=part.generation
        )
    return next((one for one in part.options if code in one.codes), None)


def _text(part: FormPart, value: str, names: Mapping[str, str], tree: DivisionTree) -> str:
    if part.is_division:
        return f"{_place(value, tree)}{_OPEN}{value}{_CLOSE}"
    if part.table is None:
        return value
    return names.get(value, f"{_OPEN}{value}{_CLOSE}")


def _place(division: str, tree: DivisionTree) -> str:
    try:
        return tree.full_name(division)
    except UnknownDivision:
        return ""


def _value(part: FormPart, text: str, tables: CodeTables) -> str:
    if part.options:
        return next(one.codes[0] for one in part.options if one.label == text)
    if part.is_division:
        return text.rpartition(_OPEN)[2].removesuffix(_CLOSE)
    if part.table is None:
        return text
    names = _names(tables, part, part.generation or "")
    codes = {name: code for code, name in names.items()}
    return codes.get(text) or text.removeprefix(_OPEN).removesuffix(_CLOSE)


def _names(tables: CodeTables, part: FormPart, code_set: str) -> Mapping[str, str]:
    """Return the names of the codes of a part's table; codes of another edition have none."""
    if part.table is None or _is_other_edition(part, code_set):
        return {}
    return _distinct_names(tables, part.table, part.generation)


@lru_cache(maxsize=64)
def _distinct_names(tables: CodeTables, table: str, generation: str | None) -> Mapping[str, str]:
    """Return a name for each code of a table; one that several have is told by its code."""
    codes = tables.codes(table, generation)
    names = {code: tables.name(table, code, generation) or "" for code in codes}
    counted = Counter(names.values())
    return {
        code: name if counted[name] == 1 else f"{name}{_OPEN}{code}{_CLOSE}"
        for code, name in names.items()
    }
