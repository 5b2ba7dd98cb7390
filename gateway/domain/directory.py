"""公共就业服务机构: who handles cases, and where."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from gateway.domain.delivery import Delivery


@dataclass(frozen=True, slots=True)
class Agency:
    """经办机构: responsible for its division and everything below without an agency of its own.

    Without a `delivery` its system is not connected: nothing that is for it would reach anybody.
    """

    code: str
    name: str
    division: str
    delivery: Delivery | None


class AgencyDirectory:
    """机构清单 of one day: agencies by code and by division; one agency a division.

    `version` is the number of the version in force on that day; None where there is none, and the
    agencies are those of the settings.
    """

    def __init__(self, agencies: Iterable[Agency], *, version: int | None = None) -> None:
        listed = tuple(agencies)
        self.version = version
        self._by_code: Mapping[str, Agency] = {agency.code: agency for agency in listed}
        self._by_division: Mapping[str, Agency] = {agency.division: agency for agency in listed}
        if len(self._by_code) < len(listed) or len(self._by_division) < len(listed):
            raise ValueError("two agencies share a code or a division")

    def __iter__(self) -> Iterator[Agency]:
        return iter(self._by_code.values())

    def get(self, code: str) -> Agency | None:
        """Return the agency with this code, or None."""
        return self._by_code.get(code)

    def at(self, division: str) -> Agency | None:
        """Return the agency of exactly this division, or None."""
        return self._by_division.get(division)

    def on(self, day: date) -> "AgencyDirectory":
        """Return itself: one directory by itself is in force on every day."""
        return self

    def name_of(self, code: str, day: date) -> str | None:
        """Return the name of an agency, None for one that is not listed."""
        found = self._by_code.get(code)
        return None if found is None else found.name


class Directories(Protocol):
    """机构清单 of every day."""

    def on(self, day: date) -> AgencyDirectory:
        """Return the directory in force on a Beijing date."""
        ...

    def name_of(self, code: str, day: date) -> str | None:
        """Return the name that an agency has on a Beijing date, None for one of no list."""
        ...
