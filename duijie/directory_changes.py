"""清单变更: the differences that a file makes to the directory, as rows and as records."""

from collections.abc import Iterator, Sequence
from typing import Final

from gateway.adapters.ledger.masking import mask_name
from gateway.directory_words import MEMBERS
from gateway.domain.directory_differences import ChangedAgency, DirectoryDifferences
from gateway.domain.listed_agencies import ListedAgency, Responsible

HEADINGS: Final = ("变更", "机构代码", "机构名称", "数据项", "原值", "新值")
_OFFICER: Final = "责任单位、责任人"


def change_rows(found: DirectoryDifferences) -> Iterator[Sequence[str | None]]:
    """Yield the differences as an operator reads them, the persons masked."""
    for one in found.added:
        yield ("新增", one.code, one.name, None, None, _summary(one))
    for one in found.removed:
        yield ("删除", one.code, one.name, None, _summary(one), None)
    for changed in found.changed:
        for member in changed.members:
            before, after = (_shown(one, member) for one in (changed.before, changed.after))
            name = MEMBERS[member]
            yield ("变更", changed.after.code, changed.after.name, name, before, after)
    for officer in found.responsible:
        before, after = _officer(officer.before), _officer(officer.after)
        yield ("变更", officer.division, None, _OFFICER, before, after)


def change_record(found: DirectoryDifferences) -> dict[str, object]:
    """Return the differences as a record of JSON: codes, and the members that changed."""
    return {
        "added": [one.code for one in found.added],
        "removed": [one.code for one in found.removed],
        "changed": [_changed_record(one) for one in found.changed],
        "responsible": [one.division for one in found.responsible],
    }


def _changed_record(one: ChangedAgency) -> dict[str, object]:
    return {"code": one.after.code, "members": list(one.members)}


def _summary(one: ListedAgency) -> str:
    return f"{one.division}，{one.valid_from} 起"


def _shown(one: ListedAgency, member: str) -> str | None:
    value: object = getattr(one, member)
    match value:
        case None:
            return None
        case bool():
            return "是" if value else "否"
        case tuple():
            return "；".join(map(str, value))
        case _:
            return str(value)


def _officer(one: Responsible | None) -> str | None:
    return None if one is None else f"{one.unit} {mask_name(one.person)}"
