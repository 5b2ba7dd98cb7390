"""登记表表样: reading `forms/*.yaml`; each member of an application stands in one place at most."""

import difflib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field

from gateway.adapters.yaml_records import Code, Text, YamlRecord, named_file, read_yaml
from gateway.domain.form_layout import FORM_MEMBERS, Box, FormLayout, FormPart, Option
from gateway.errors import Misconfigured
from gateway.profile_reasons import ProfileReason
from schemas.reasons.reason import Reason
from schemas.reference.codes import CodeTables

SHIPPED: Final = Path(__file__).parent.parent / "forms"
NATIONAL: Final = "2020-3"
"""The form of the national entry: 人社厅发〔2020〕3号 annex 1."""


class _OptionRecord(YamlRecord):
    label: Text
    codes: Annotated[list[Code], Field(min_length=1)]


class _PartRecord(YamlRecord):
    member: Text
    caption: Text | None = None
    table: Code | None = None
    division: bool = False
    generation: Text | None = None
    options: list[_OptionRecord] = Field(default_factory=list)


class _BoxRecord(YamlRecord):
    label: Text
    starred: bool = False
    parts: list[_PartRecord] = Field(default_factory=list)
    not_carried: Text | None = None


class _SectionRecord(YamlRecord):
    heading: Text
    boxes: Annotated[list[_BoxRecord], Field(min_length=1)]


class _FormRecord(YamlRecord):
    title: Text
    source: Text
    sections: Annotated[list[_SectionRecord], Field(min_length=1)]


def load_form(name: str = NATIONAL, beside: Path = SHIPPED) -> FormLayout:
    """Return a form by its name, or by the path of an own one from the folder `beside`.

    Raises:
        Misconfigured: No such form; a member, table or code that there is not; one that stands
            twice: where in the file.
    """
    path = named_file(name, SHIPPED, beside)
    record = read_yaml(path, _FormRecord)
    faults = [one.within(path) for one in _faults(record)]
    if faults:
        raise Misconfigured(*faults)
    boxes = tuple(
        Box(section.heading, one.label, one.starred, tuple(map(_part, one.parts)), one.not_carried)
        for section in record.sections
        for one in section.boxes
    )
    return FormLayout(record.title, record.source, boxes)


def _part(record: _PartRecord) -> FormPart:
    options = tuple(Option(one.label, tuple(one.codes)) for one in record.options)
    return FormPart(
        member=record.member,
        caption=record.caption,
        table=record.table,
        is_division=record.division,
        options=options,
        generation=record.generation,
    )


def _faults(record: _FormRecord) -> Iterator[Reason]:
    boxes = {
        f"sections.{row}.boxes.{column}": box
        for row, section in enumerate(record.sections)
        for column, box in enumerate(section.boxes)
    }
    for at, box in boxes.items():
        if bool(box.parts) == (box.not_carried is not None):
            yield ProfileReason.EMPTY_BOX.at(at)
    parts = {
        f"{at}.parts.{place}": part
        for at, box in boxes.items()
        for place, part in enumerate(box.parts)
    }
    seen: set[str] = set()
    for at, part in parts.items():
        yield from (one.within(at) for one in _part_faults(part))
        if part.member in seen:
            yield ProfileReason.MEMBER_TWICE.at(at, member=part.member)
        seen.add(part.member)


def _part_faults(part: _PartRecord) -> Iterator[Reason]:
    if part.member not in FORM_MEMBERS:
        (near,) = difflib.get_close_matches(part.member, FORM_MEMBERS, n=1, cutoff=0.0)
        yield ProfileReason.UNKNOWN_MEMBER.at("member", member=part.member, near=near)
    shown_by_names = part.table is not None and not part.options
    if sum((shown_by_names, part.division, bool(part.options))) > 1:
        yield ProfileReason.ONE_KIND.at()
    yield from (
        ProfileReason.OPTION_TWICE.at("options", option=one)
        for one in _twice([*(one.label for one in part.options), *_codes(part)])
    )
    if part.table is not None:
        yield from _table_faults(part, part.table)


def _table_faults(part: _PartRecord, table: str) -> Iterator[Reason]:
    tables = CodeTables.load()
    if table not in tables.tables():
        yield ProfileReason.UNKNOWN_TABLE.at("table", table=table)
        return
    known = tables.generations(table)
    if len(known) > 1 and part.generation not in known:
        yield ProfileReason.EDITION.at("generation", table=table, known=known)
        return
    for code in _codes(part):
        if not tables.known(table, code, generation=part.generation):
            yield ProfileReason.UNKNOWN_CODE.at("options", table=table, code=code)


def _codes(part: _PartRecord) -> list[str]:
    return [code for option in part.options for code in option.codes]


def _twice(values: list[str]) -> Iterable[str]:
    return dict.fromkeys(one for one in values if values.count(one) > 1)
