"""公共就业服务机构: who handles cases, and where."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from gateway.domain.delivery import Delivery


@dataclass(frozen=True, slots=True)
class Agency:
    """经办机构: responsible for its division and everything below without an agency of its own."""

    code: str
    name: str
    division: str
    delivery: Delivery


class AgencyDirectory:
    """机构清单: agencies by code and by division; one agency a division."""

    def __init__(self, agencies: Iterable[Agency]) -> None:
        listed = tuple(agencies)
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
