"""行: the cells of one row become one agency, by the rules of the record that is published."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from types import MappingProxyType
from typing import Final

from pydantic import TypeAdapter, ValidationError

from duijie.agency_files.columns import BY_MEMBER, COLUMNS
from duijie.agency_files.sheet import Cell, FileFault, FileFaultCode
from gateway.domain.listed_agencies import ListedAgency, Responsible
from schemas.records.agencies import Agency
from schemas.records.base import MediumText, PersonName
from schemas.records.field_errors import rule_violations
from schemas.reference.codes import CodeTables

SEPARATOR: Final = "；"
"""What stands between the services (经办项目) in a cell."""
_YES_NO: Final[Mapping[str, str]] = MappingProxyType({"是": "1", "否": "0", "1": "1", "0": "0"})
_TABLES: Final[Mapping[str, str]] = MappingProxyType(
    {"level": "agency-level", "kind": "agency-kind"}
)
_MEMBERS: Final[Mapping[str, str]] = MappingProxyType(
    {found.alias or name: name for name, found in Agency.model_fields.items()}
)
_UNIT: Final = TypeAdapter[str](MediumText)
_PERSON: Final = TypeAdapter[str](PersonName)


@dataclass(frozen=True, slots=True)
class AgencyRow:
    """What one row says, and what is wrong with it."""

    line: int
    agency: ListedAgency | None
    responsible: Responsible | None
    faults: tuple[FileFault, ...]


class _UnfitCell(Exception):
    """A cell cannot be read as its column wants it."""

    def __init__(self, code: FileFaultCode, **params: str) -> None:
        super().__init__(code)
        self.code, self.params = code, params


def read_row(line: int, cells: Mapping[str, Cell]) -> AgencyRow:
    """Return the agency of a row, and who is responsible for its division."""
    values: dict[str, object] = {}
    faults: list[FileFault] = []
    for column in COLUMNS:
        cell = cells.get(column.member, Cell())
        try:
            values[column.member] = _value(column.member, cell)
        except _UnfitCell as unfit:
            faults.append(FileFault(unfit.code, line, column.heading, unfit.params))
    faults += _officer_faults(values, line)
    unit, person = values.pop("unit", None), values.pop("person", None)
    try:
        record = Agency.model_validate(values, by_name=True)
    except ValidationError as exc:
        known = {one.column for one in faults}
        faults += [one for one in _record_faults(exc, line) if one.column not in known]
        return AgencyRow(line, None, None, tuple(faults))
    if faults:
        return AgencyRow(line, None, None, tuple(faults))
    officer = None
    if isinstance(unit, str) and isinstance(person, str):
        officer = Responsible(record.division, unit, person)
    return AgencyRow(line, _listed(record), officer, ())


def row_of(one: ListedAgency, officer: Responsible | None, tables: CodeTables) -> list[str]:
    """Return the cells of an agency, in the order of the columns."""
    said: dict[str, str] = {
        found.name: _written(getattr(one, found.name)) for found in fields(ListedAgency)
    }
    said["services"] = SEPARATOR.join(one.services)
    said["registers"] = "是" if one.registers else "否"
    for member, table in _TABLES.items():
        said[member] = tables.name(table, said[member]) or said[member]
    said["unit"], said["person"] = (officer.unit, officer.person) if officer else ("", "")
    return [said[column.member] for column in COLUMNS]


def _written(value: object) -> str:
    return "" if value is None else str(value)


def _value(member: str, cell: Cell) -> object:
    """Return what a cell says as the record wants it; None where it is empty and may be.

    Raises:
        _UnfitCell: By which rule it cannot be read.
    """
    column = BY_MEMBER[member]
    if not cell.text:
        if column.required:
            raise _UnfitCell(FileFaultCode.MISSING)
        return None
    if column.text_only and cell.is_number:
        raise _UnfitCell(FileFaultCode.NUMBER_FOR_TEXT)
    return _READERS.get(member, _plain)(member, cell.text)


def _plain(_: str, text: str) -> str:
    return text


def _day(_: str, text: str) -> date:
    try:
        return date.fromisoformat(text.replace("/", "-"))
    except ValueError:
        raise _UnfitCell(FileFaultCode.NOT_A_DAY) from None


def _whole(_: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise _UnfitCell(FileFaultCode.NOT_WHOLE)
    return int(text)


def _yes_no(_: str, text: str) -> str:
    if (said := _YES_NO.get(text)) is None:
        raise _UnfitCell(FileFaultCode.NOT_YES_NO)
    return said


def _listed_code(member: str, text: str) -> str:
    """Return the code of a table for a code or its Chinese name."""
    tables, table = CodeTables.load(), _TABLES[member]
    names = {code: tables.name(table, code) or code for code in tables.codes(table)}
    for code, name in names.items():
        if text in {code, name}:
            return code
    raise _UnfitCell(FileFaultCode.NOT_LISTED, values="、".join(names.values()))


def _services(_: str, text: str) -> tuple[str, ...]:
    parts = text.replace(";", SEPARATOR).split(SEPARATOR)
    return tuple(one.strip() for one in parts if one.strip())


_READERS: Final[Mapping[str, Callable[[str, str], object]]] = MappingProxyType(
    {
        "level": _listed_code,
        "kind": _listed_code,
        "services": _services,
        "registers": _yes_no,
        "accounts": _whole,
        "valid_from": _day,
        "valid_to": _day,
    }
)


def _officer_faults(values: Mapping[str, object], line: int) -> Iterator[FileFault]:
    """Yield what is wrong with unit and person: both are there, or neither."""
    unit, person = values.get("unit"), values.get("person")
    if (unit is None) != (person is None):
        heading = BY_MEMBER["unit" if unit is None else "person"].heading
        yield FileFault(FileFaultCode.OFFICER_HALF, line, heading)
    for member, value, rule in (("unit", unit, _UNIT), ("person", person, _PERSON)):
        if value is not None:
            try:
                rule.validate_python(value)
            except ValidationError as exc:
                said = {"rule": rule_violations(exc)[0].message}
                yield FileFault(FileFaultCode.UNFIT, line, BY_MEMBER[member].heading, said)


def _record_faults(exc: ValidationError, line: int) -> Iterator[FileFault]:
    broken = zip(
        exc.errors(include_url=False, include_input=False), rule_violations(exc), strict=True
    )
    for error, violation in broken:
        name = str(error["loc"][0]) if error["loc"] else ""
        column = BY_MEMBER.get(_MEMBERS.get(name, name))
        heading = "" if column is None else column.heading
        yield FileFault(FileFaultCode.UNFIT, line, heading, {"rule": violation.message})


def _listed(record: Agency) -> ListedAgency:
    return ListedAgency(
        code=record.code,
        name=record.name,
        division=record.division,
        address=record.address,
        telephone=record.telephone,
        level=record.level,
        kind=record.kind,
        parent=record.parent,
        services=record.services,
        registers=record.registers == "1",
        accounts=record.accounts,
        valid_from=record.valid_from,
        valid_to=record.valid_to,
    )
