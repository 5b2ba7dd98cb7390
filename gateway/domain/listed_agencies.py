"""机构清单的内容: what one version of the list says of each agency and of each division."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

import orjson

from schemas.records.agencies import Agency
from schemas.reference.divisions import DivisionTree

REGISTRATION: Final = "失业登记"
"""The service (经办项目) that every agency of the settings has."""


@dataclass(frozen=True, slots=True)
class ListedAgency:
    """公共就业服务机构 as the list has it; `schemas.records.agencies.Agency` is what is published.

    `valid_from` and `valid_to` are the first and the last day in the list, Beijing dates. None
    stands for what is not known yet: address, telephone and level of an agency that came from the
    settings. Such an agency handles cases, but a list with it is not published.
    """

    code: str
    name: str
    division: str
    address: str | None
    telephone: str | None
    level: str | None
    kind: str
    parent: str | None
    services: tuple[str, ...]
    registers: bool
    accounts: int | None
    valid_from: date
    valid_to: date | None

    def is_listed_on(self, day: date) -> bool:
        """Say whether it is in the list on a Beijing date."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def overlaps(self, other: "ListedAgency") -> bool:
        """Say whether there is a day on which both are in the list."""
        first = max(self.valid_from, other.valid_from)
        return self.is_listed_on(first) and other.is_listed_on(first)

    @property
    def published(self) -> Agency | None:
        """The record that is published of it; None while something of it is not known."""
        if self.address is None or self.telephone is None or self.level is None:
            return None
        return Agency(
            code=self.code,
            name=self.name,
            address=self.address,
            telephone=self.telephone,
            division=self.division,
            level=self.level,
            kind=self.kind,
            parent=self.parent,
            services=self.services,
            registers="1" if self.registers else "0",
            accounts=self.accounts,
            valid_from=self.valid_from,
            valid_to=self.valid_to,
        )


@dataclass(frozen=True, slots=True)
class Responsible:
    """责任单位和责任人 of one division; the person's name is a personal value.

    Source: 人社厅发〔2020〕3号 第八部分; 黑人社函〔2020〕87号 第五部分. No notice wants the names
    of officers in the public list.
        Assumed: the province keeps them and publishes none.
    """

    division: str
    unit: str
    person: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class DirectoryContent:
    """One version's content; `ordered` brings it into the order in which it is kept."""

    agencies: tuple[ListedAgency, ...]
    responsible: tuple[Responsible, ...] = ()

    def ordered(self, tree: DivisionTree) -> "DirectoryContent":
        """Return the same content with short division codes, in the order of division and code."""
        agencies = [replace(one, division=tree.normalise(one.division)) for one in self.agencies]
        officers = {replace(one, division=tree.normalise(one.division)) for one in self.responsible}
        return DirectoryContent(
            tuple(sorted(agencies, key=lambda one: (one.division, one.code, one.valid_from))),
            tuple(sorted(officers, key=lambda one: (one.division, one.unit, one.person))),
        )

    def digest(self) -> str:
        """Return SHA-256, hexadecimal, over what it says; of the ordered content it is the same."""
        return hashlib.sha256(orjson.dumps([self.agencies, self.responsible])).hexdigest()

    def listed_on(self, day: date) -> Iterator[ListedAgency]:
        """Yield the agencies that are in the list on a Beijing date."""
        return (one for one in self.agencies if one.is_listed_on(day))

    def responsible_for(self, division: str) -> Responsible | None:
        """Return who is responsible for a division, or None."""
        return next((one for one in self.responsible if one.division == division), None)
