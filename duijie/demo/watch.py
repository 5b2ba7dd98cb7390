"""观察: the ways of all applications, put together from the books of both sides."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from duijie.clients.control_client import ApplicationRow, Control, DispatchRow
from duijie.clients.gateway_client import GatewayOutside
from duijie.demo.progress import Station, Trip

_ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True)
class Picture:
    """What one look showed: every trip in the order of filing, and the held cases by reason."""

    trips: tuple[Trip, ...] = ()
    held: Mapping[str, int] = field(default_factory=dict)
    is_dated: bool = True
    """Whether every due date that was asked for is there."""

    @property
    def held_count(self) -> int:
        """How many cases the gateway holds."""
        return sum(self.held.values())


class Watch:
    """Looks at the national book, the agencies' books and the gateway, one look at a time.

    `agencies` names the agencies by code; cases held since before the first look do not count.
    `province` is a name that goes without saying before that of a place.
    """

    def __init__(
        self,
        control: Control,
        gateway: GatewayOutside,
        *,
        agencies: Mapping[str, str],
        province: str,
    ) -> None:
        self._control, self._gateway = control, gateway
        self._agencies, self._province = agencies, province
        self._held_before: Counter[str] = Counter()
        self._handler: dict[str, str] = {}
        self._due_on: dict[str, str] = {}

    async def begin(self) -> None:
        """Note what is held already."""
        self._held_before = Counter(await self._gateway.held())

    async def look(self, *, dates: int = 0) -> Picture:
        """Return the present picture; ask for up to `dates` due dates that are not known yet."""
        rows = await self._control.applications()
        handled = await self._handled()
        await self._ask_dates([row.application_no for row in rows], dates)
        trips = tuple(self._trip(row, handled.get(row.application_no, [])) for row in rows)
        held: Mapping[str, int] = {}
        if not all(trip.is_back for trip in trips):
            held = Counter(await self._gateway.held()) - self._held_before
        return Picture(trips, held, not dates or all(trip.due_on for trip in trips if trip.agency))

    async def _handled(self) -> dict[str, list[DispatchRow]]:
        found: dict[str, list[DispatchRow]] = {}
        for code in self._agencies:
            for row in await self._control.dispatches(code):
                found.setdefault(row.application_no, []).append(row)
                self._handler[row.application_no] = code
        return found

    async def _ask_dates(self, numbers: Iterable[str], most: int) -> None:
        unknown = [one for one in numbers if one in self._handler and one not in self._due_on]
        for number in unknown[:most]:
            case = await self._gateway.case(self._handler[number], number)
            if case is not None:
                self._due_on[number] = case.due_on.isoformat() if case.due_on else "待定"

    def _trip(self, row: ApplicationRow, handled: list[DispatchRow]) -> Trip:
        code = self._handler.get(row.application_no, "")
        return Trip(
            number=row.application_no,
            place=row.place_name.removeprefix(self._province) or row.place_name,
            station=_station(row, handled),
            filed_at=row.filed_at,
            back_at=row.decided_at,
            agency=self._agencies.get(code, code),
            due_on=self._due_on.get(row.application_no, ""),
            effects=len(row.effects),
            dispatches=len(handled),
            decisions=sum(one.answer == _ACCEPTED for one in handled),
            answer=next((one.answer_code for one in handled if one.answer_code), ""),
        )


def _station(row: ApplicationRow, handled: list[DispatchRow]) -> Station:
    if row.decided_at is not None:
        return Station.BACK
    if any(one.answer == _ACCEPTED for one in handled):
        return Station.DECIDED
    if handled:
        return Station.HANDED
    return Station.FILED if row.acknowledged_at is None else Station.TAKEN
