"""模拟经办机构: which three agencies stand in for a province's, from one table."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from duijie.errors import USAGE, Trouble
from gateway.domain.delivery import Delivery
from schemas.reference.csv_table import read_rows
from schemas.signing import Suite
from schemas.signing.suites import SUITES, KeyKind
from storage.sealing import CryptoProfile

TABLE: Final = Path(__file__).with_name("agencies.csv")
_COLUMNS: Final = (
    *("province", "code", "name", "division", "delivery"),
    *("suite", "national_suite", "places", "note"),
)


@dataclass(frozen=True, slots=True)
class StandIn:
    """One agency that stands in; people are filed with the division codes of `places`."""

    code: str
    name: str
    division: str
    delivery: Delivery
    suite: Suite
    places: tuple[str, ...]

    @property
    def pushed(self) -> bool:
        """Whether its system takes pushes, on a port of its own."""
        return self.delivery is Delivery.PUSH


def stand_ins(
    province: str, profile: CryptoProfile = CryptoProfile.INTERNATIONAL
) -> tuple[StandIn, ...]:
    """Return the stand-in agencies of a province: a city, a county, a community.

    `profile` decides which of the two suites in the table each one signs with.

    Raises:
        Trouble: The table has none for this province.
    """
    rows = [cells for _, cells in read_rows(TABLE, _COLUMNS)]
    found = tuple(_stand_in(cells, profile) for cells in rows if cells[0] == province)
    if not found:
        known = "、".join(sorted({cells[0] for cells in rows}))
        raise Trouble(f"没有省份 {province} 的演示机构", "--province", f"可用：{known}", USAGE)
    return found


def shares_secret(suite: Suite) -> bool:
    """Tell whether the two parties of a suite hold the same secret, not a key pair each."""
    return KeyKind.SECRET in SUITES[suite].kinds


def _stand_in(cells: Sequence[str], profile: CryptoProfile) -> StandIn:
    _, code, name, division, delivery, usual, national, places, _ = cells
    suite = Suite(national if profile is CryptoProfile.NATIONAL else usual)
    return StandIn(code, name, division, Delivery(delivery), suite, tuple(places.split()))


def places_of(agencies: tuple[StandIn, ...]) -> tuple[str, ...]:
    """Return every place that people are filed with, each agency's in turn."""
    return tuple(place for agency in agencies for place in agency.places)
