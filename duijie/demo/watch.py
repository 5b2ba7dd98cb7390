"""观察: the progress of all applications, put together from the books of both sides."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from duijie.clients.control_client import ControlClient
from duijie.clients.gateway_client import GatewayClient
from duijie.demo.progress import ApplicationProgress, Stage
from simulator.web.control.agency_responses import DispatchView
from simulator.web.control.responses import ApplicationView

_ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One reading: every application in the order of filing, and the held cases by reason."""

    applications: tuple[ApplicationProgress, ...] = ()
    held: Mapping[str, int] = field(default_factory=dict)
    has_due_dates: bool = True
    """Whether every due date that was asked for is known."""

    @property
    def held_count(self) -> int:
        """How many cases the gateway holds."""
        return sum(self.held.values())


class Watch:
    """Reads the national book, the agencies' books and the gateway, one reading at a time.

    `agencies` are the names of the agencies by code, `province` is a name that is left out before
    that of a place. Cases that were held before `begin` do not count.
    """

    def __init__(
        self,
        control: ControlClient,
        gateway: GatewayClient,
        *,
        agencies: Mapping[str, str],
        province: str,
    ) -> None:
        self._control, self._gateway = control, gateway
        self._agencies, self._province = agencies, province
        self._held_before: Counter[str] = Counter()
        self._agency_of: dict[str, str] = {}
        self._due_on: dict[str, str] = {}

    async def begin(self) -> None:
        """Remember what is held already."""
        self._held_before = Counter(await self._gateway.held())

    async def read(self, *, due_dates: int = 0) -> Snapshot:
        """Return a new reading; up to `due_dates` due dates that are unknown yet are asked for."""
        rows = await self._control.applications()
        handled = await self._handled()
        await self._ask_due_dates([row.application_no for row in rows], due_dates)
        applications = tuple(
            self._progress(row, handled.get(row.application_no, [])) for row in rows
        )
        held: Mapping[str, int] = {}
        if not all(one.is_back for one in applications):
            held = Counter(await self._gateway.held()) - self._held_before
        dated = not due_dates or all(one.due_on for one in applications if one.agency)
        return Snapshot(applications, held, dated)

    async def _handled(self) -> dict[str, list[DispatchView]]:
        found: dict[str, list[DispatchView]] = {}
        for code in self._agencies:
            for row in (await self._control.agency(code)).dispatches:
                found.setdefault(row.application_no, []).append(row)
                self._agency_of[row.application_no] = code
        return found

    async def _ask_due_dates(self, numbers: Iterable[str], limit: int) -> None:
        unknown = [one for one in numbers if one in self._agency_of and one not in self._due_on]
        for number in unknown[:limit]:
            case = await self._gateway.case(self._agency_of[number], number)
            if case is not None:
                self._due_on[number] = case.due_on.isoformat() if case.due_on else "待定"

    def _progress(self, row: ApplicationView, handled: list[DispatchView]) -> ApplicationProgress:
        code = self._agency_of.get(row.application_no, "")
        return ApplicationProgress(
            number=row.application_no,
            place=row.place_name.removeprefix(self._province) or row.place_name,
            stage=_stage_of(row, handled),
            filed_at=row.filed_at,
            back_at=row.decided_at,
            agency=self._agencies.get(code, code),
            due_on=self._due_on.get(row.application_no, ""),
            effects=len(row.effects),
            dispatches=len(handled),
            decisions=sum(one.answer == _ACCEPTED for one in handled),
            answer=next((one.answer_code for one in handled if one.answer_code), ""),
        )


def _stage_of(row: ApplicationView, handled: list[DispatchView]) -> Stage:
    if row.decided_at is not None:
        return Stage.BACK
    if any(one.answer == _ACCEPTED for one in handled):
        return Stage.DECIDED
    if handled:
        return Stage.DISPATCHED
    return Stage.FILED if row.acknowledged_at is None else Stage.ACCEPTED
