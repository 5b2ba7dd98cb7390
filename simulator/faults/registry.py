"""What is armed (已布设故障): which fault meets which call."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Final

from simulator.errors import Refused
from simulator.exchanges.calls import Answer, Call, Operation
from simulator.exchanges.events import EventKind, EventLog
from simulator.faults.delay import Delay
from simulator.faults.duplicate import Duplicate, Redeliver
from simulator.faults.fault import Fault, Params
from simulator.faults.lost_reply import LostReply
from simulator.faults.unavailable import Unavailable

OPERATIONS: Final = frozenset(
    {
        "downloadApplications",
        "acknowledgeApplications",
        "uploadOutcomes",
        "ping",
        "deliverDispatches",
    }
)


@dataclass(frozen=True, slots=True)
class Trigger:
    """When a fault happens: at the nth call, at the next `count` calls, or at every nth call.

    A call in which the fault finds nothing to do (a page without items to double) does not use it
    up.
    """

    nth: int | None = None
    count: int | None = None
    every: int | None = None

    def fires(self, seen: int, happened: int) -> bool:
        """Tell whether the fault meets call number `seen`, having happened so often before."""
        if self.nth is not None:
            return seen >= self.nth and happened == 0
        if self.every is not None:
            return seen % self.every == 0
        return happened < (1 if self.count is None else self.count)


@dataclass(slots=True)
class Armed:
    """A fault in place, with how many calls it saw and how often it happened."""

    number: int
    name: str
    operation: str
    trigger: Trigger
    params: Params
    fault: Fault
    seen: int = 0
    happened: int = 0


class Armoury:
    """The armed faults of one simulator."""

    def __init__(self, events: Callable[[], EventLog], redeliver: Redeliver) -> None:
        self._events = events
        self._kinds: Mapping[str, Callable[[Params], Fault]] = MappingProxyType(
            {
                "lost-reply": LostReply,
                "delay": Delay,
                "unavailable": Unavailable,
                "duplicate": partial(Duplicate, redeliver=redeliver),
            }
        )
        self._armed: dict[int, Armed] = {}
        self._numbers = 0

    def arm(self, name: str, operation: str, trigger: Trigger, params: Params) -> Armed:
        """Put a fault in place.

        Raises:
            Refused: There is no such fault, operation or parameter.
        """
        if name not in self._kinds:
            raise Refused("message.invalid", f"fault: {', '.join(sorted(self._kinds))}")
        if operation not in OPERATIONS:
            raise Refused("message.invalid", "operation: see the list of operations")
        self._numbers += 1
        armed = Armed(
            self._numbers, name, operation, trigger, dict(params), self._kinds[name](params)
        )
        self._armed[armed.number] = armed
        return armed

    def armed(self) -> list[Armed]:
        """Return the faults in place, in the order they were armed."""
        return list(self._armed.values())

    def disarm(self, number: int | None = None) -> None:
        """Take one fault away, or all of them."""
        if number is None:
            self._armed.clear()
        else:
            self._armed.pop(number, None)

    async def run(self, call: Call, operation: Operation) -> Answer:
        """Run `operation` within every fault that meets this call, the first armed outermost."""
        if not self._armed:
            return await operation(call)
        meeting = [armed for armed in self._armed.values() if armed.operation == call.operation]
        for armed in meeting:
            armed.seen += 1
        for armed in reversed(meeting):
            if armed.trigger.fires(armed.seen, armed.happened):
                operation = partial(self._around, armed, operation)
        return await operation(call)

    async def _around(self, armed: Armed, operation: Operation, call: Call) -> Answer:
        def happened(facts: Mapping[str, str | int]) -> None:
            armed.happened += 1
            self._events().record(
                EventKind.FAULT,
                None,
                {
                    "fault": armed.name,
                    "operation": call.operation,
                    "number": armed.number,
                    **facts,
                },
            )

        return await armed.fault.apply(call, operation, happened)
