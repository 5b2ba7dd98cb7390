"""模拟经办机构: the three stand-in agencies of a province, from one table."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from duijie.errors import USAGE, CliError
from gateway.domain.delivery import Delivery
from schemas.reference.csv_table import read_rows
from schemas.signing import Suite
from schemas.signing.suites import SUITES, KeyKind
from storage.sealing import CryptoProfile

TABLE: Final = Path(__file__).with_name("agencies.csv")
_COLUMNS: Final = (
    *("province", "code", "name", "division", "delivery"),
    *("suite", "national_suite", "places", "address", "telephone", "accounts", "note"),
)


@dataclass(frozen=True, slots=True)
class StandIn:
    """A stand-in agency; the applications at the division codes of `places` go to it."""

    code: str
    name: str
    division: str
    delivery: Delivery
    suite: Suite
    places: tuple[str, ...]
    address: str = "模拟路（虚构）"
    telephone: str = "0000-00000000"
    accounts: int = 1

    @property
    def takes_pushes(self) -> bool:
        """Whether its system takes pushes, on a port of its own."""
        return self.delivery is Delivery.PUSH


def stand_ins(
    province: str, profile: CryptoProfile = CryptoProfile.INTERNATIONAL
) -> tuple[StandIn, ...]:
    """Return the stand-in agencies of a province: a city's, a county's, a community's.

    `profile` decides which of the two suites in the table each one signs with.

    Raises:
        CliError: The table has none for this province.
    """
    rows = [cells for _, cells in read_rows(TABLE, _COLUMNS)]
    found = tuple(_stand_in(cells, profile) for cells in rows if cells[0] == province)
    if not found:
        known = "、".join(sorted({cells[0] for cells in rows}))
        cause, cure = "程序未附带该省的模拟经办机构", f"请将 --province 写作 {known} 之一"
        raise CliError(f"没有省份 {province} 的演示经办机构", cause, cure, USAGE)
    return found


def shares_secret(suite: Suite) -> bool:
    """Return whether both parties of a suite hold the same secret, not a key pair each."""
    return KeyKind.SECRET in SUITES[suite].kinds


def _stand_in(cells: Sequence[str], profile: CryptoProfile) -> StandIn:
    _, code, name, division, delivery, international, national, *rest = cells
    places, address, telephone, accounts, _ = rest
    suite = Suite(national if profile is CryptoProfile.NATIONAL else international)
    return StandIn(
        code,
        name,
        division,
        Delivery(delivery),
        suite,
        tuple(places.split()),
        address,
        telephone,
        int(accounts),
    )


def places_of(agencies: tuple[StandIn, ...]) -> tuple[str, ...]:
    """Return every place at which people file, agency by agency."""
    return tuple(place for agency in agencies for place in agency.places)
