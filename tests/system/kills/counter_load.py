"""窗口来件: people come to an agency's counter, and some of their registrations end (注销)."""

from collections.abc import Callable, Iterator
from typing import Final

from simulator.agencies.agency import SimulatedAgency
from simulator.agencies.counter import Ending
from simulator.agencies.handed_in import HandedIn
from simulator.app import Simulator
from tests.support.until import PATIENCE_S, until

_AT: Final = "4190010001"
_FIRST_SEED: Final = 7000
_ENDS_EVERY: Final = 3
_HIRED: Final = "11"
_BY_EMPLOYMENT: Final = "05"
_LOOK_EVERY_S: Final = 0.05
_CAMPAIGN_S: Final = 4 * PATIENCE_S


class CounterLoad:
    """What one agency accepts itself; some of it ends, and a second revision brings the notice."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator

    @property
    def agency(self) -> SimulatedAgency:
        """The agency at whose counter they come."""
        return self._simulator.agencies[_AT]

    def wave(self) -> None:
        """Let one person come."""
        seed = _FIRST_SEED + len(self.registrations())
        people = self._simulator.entry.people_at(self.agency.settings.division, 1, seed=seed)
        self.agency.register(people)

    async def work(self, is_over: Callable[[], bool]) -> None:
        """End what is to end once it is in force, and tell those people once that is in effect."""

        def turn() -> bool:
            for key, revision in list(self._due_endings()):
                self.agency.deregister([_ending(key, revision)])
            return is_over()

        what = "everything that was to end has ended"
        await until(turn, what, within_s=_CAMPAIGN_S, every_s=_LOOK_EVERY_S)

    def missing(self) -> list[str]:
        """Return the keys of what is not in effect yet."""
        book = self._simulator.entry.book
        registered = [one.key for one in self.registrations() if not book.local_results(one.key)]
        ending = [key for key in self._endings() if set(book.deregistrations_of(key)) != {1, 2}]
        return registered + ending

    def is_answered(self) -> bool:
        """Say whether the agency has the gateway's last word on everything."""
        return not self.agency.counter.waiting()

    def registrations(self) -> list[HandedIn]:
        """Return every registration that was handed in."""
        return self.agency.counter.registrations.records

    def deregistrations(self) -> list[HandedIn]:
        """Return every deregistration that was handed in."""
        return self.agency.counter.deregistrations.records

    def _endings(self) -> Iterator[str]:
        """Yield the keys of the registrations in force that are to end."""
        in_force = self._simulator.entry.book.registration_in_force
        for one in self.registrations()[::_ENDS_EVERY]:
            if in_force(one.key) is not None:
                yield one.key

    def _due_endings(self) -> Iterator[tuple[str, int]]:
        entered = {(one.key, one.revision) for one in self.deregistrations()}
        book = self._simulator.entry.book
        for key in self._endings():
            if (key, 1) not in entered:
                yield key, 1
            elif (key, 2) not in entered and book.deregistrations_of(key):
                yield key, 2


def _ending(key: str, revision: int) -> Ending:
    informed = revision > 1
    return Ending(key, _HIRED, _BY_EMPLOYMENT, revision=revision, is_informed=informed)
