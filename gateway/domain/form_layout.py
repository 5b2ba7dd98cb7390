"""登记表表样: which member of an application stands in which box of a province's form, as data."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from schemas.records.applications import Commitment, PersonForm, Qualification

_ROWS: Final = 3
"""Rows of intentions and of qualifications, as many as the record has at most."""
_REQUEST: Final = ("acc412", "place_division", "submitted_at", "channel", "policy")


def _members() -> Iterator[str]:
    for name, field in PersonForm.model_fields.items():
        match name:
            case "intentions":
                yield from (f"{name}/{row}" for row in range(_ROWS))
            case "qualifications":
                levels = [field.alias or part for part, field in Qualification.model_fields.items()]
                yield from (f"{name}/{row}/{one}" for row in range(_ROWS) for one in levels)
            case _:
                yield field.alias or name
    yield from _REQUEST
    yield from (f"commitment/{name}" for name in Commitment.model_fields)


FORM_MEMBERS: Final = tuple(_members())
"""What a person fills in or asks for, by wire names such as `aac003`, `intentions/0`."""


def gathered(members: Iterable[str]) -> tuple[str, ...]:
    """Return members with the rows of a table told once, where all of the table is among them."""
    given = frozenset(members)
    whole = {
        head
        for head in (one.partition("/")[0] for one in given)
        if all(one in given for one in FORM_MEMBERS if one.startswith(f"{head}/"))
    }
    heads = (one.partition("/")[0] for one in FORM_MEMBERS if one in given)
    plain = zip(heads, (one for one in FORM_MEMBERS if one in given), strict=True)
    return tuple(dict.fromkeys(head if head in whole else one for head, one in plain))


@dataclass(frozen=True, slots=True)
class Option:
    """选项: a box to tick, and the codes it stands for; the first is the one read back."""

    label: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FormPart:
    """栏目中的一项: one member, shown as text, by the names of a code table, or as ticked boxes.

    `generation` is the edition that codes of the options are of, where the table has several.
    """

    member: str
    caption: str | None = None
    table: str | None = None
    is_division: bool = False
    options: tuple[Option, ...] = ()
    generation: str | None = None


@dataclass(frozen=True, slots=True)
class Box:
    """栏目: a labelled box of the form; `not_carried` says why no member stands in it."""

    section: str
    label: str
    starred: bool
    parts: tuple[FormPart, ...]
    not_carried: str | None = None


@dataclass(frozen=True, slots=True)
class FormLayout:
    """表样: the boxes of a form in their order, and the article it is annexed to."""

    title: str
    source: str
    boxes: tuple[Box, ...]

    @property
    def parts(self) -> tuple[FormPart, ...]:
        """Return every part of every box, in order."""
        return tuple(part for box in self.boxes for part in box.parts)

    @property
    def lacking(self) -> tuple[str, ...]:
        """Return the members of an application for which the form has no box."""
        mapped = {part.member for part in self.parts}
        return tuple(member for member in FORM_MEMBERS if member not in mapped)

    @property
    def not_carried(self) -> tuple[Box, ...]:
        """Return the boxes that no member of an application fills."""
        return tuple(box for box in self.boxes if not box.parts)
