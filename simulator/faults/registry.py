"""The registry of faults (故障登记): which there are, which are armed, which calls they meet."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Final

from contracts.catalogue.operation_types import Side
from contracts.catalogue.operations import served_by
from simulator.errors import unfit_member
from simulator.exchanges.calls import Answer, Call, CallHandler
from simulator.exchanges.events import EventKind, EventLog
from simulator.faults.delay import Delay
from simulator.faults.duplicate import Duplicate, Redeliver
from simulator.faults.fault import Fault, Params
from simulator.faults.lost_reply import LostReply
from simulator.faults.statement_entry import StatementEntryChanged
from simulator.faults.statement_shuffled import StatementShuffled
from simulator.faults.statement_truncated import StatementTruncated
from simulator.faults.trigger import Trigger
from simulator.faults.unavailable import Unavailable
from simulator.faults.unsigned import Unsigned
from simulator.timer import Timer

_SERVED: Final = (*served_by(Side.NATIONAL), *served_by(Side.AGENCY))
_CALLED: Final = tuple(one for one in served_by(Side.PROVINCE) if one.caller == "national")
OPERATIONS: Final = frozenset(one.name for one in (*_SERVED, *_CALLED))
"""What faults may meet: what a simulator serves, and what its national side calls."""


@dataclass(slots=True)
class ArmedFault:
    """An armed fault (已布设故障): how many calls it saw and how often it happened."""

    number: int
    name: str
    operation: str
    trigger: Trigger
    params: Params
    fault: Fault
    seen: int = 0
    happened: int = 0


class FaultRegistry:
    """The faults that one simulator knows, and those that are armed.

    `events` returns the event log in use, `redeliver` puts acknowledged applications into a feed
    once more, `timer` lets time pass.
    """

    def __init__(
        self, events: Callable[[], EventLog], *, redeliver: Redeliver, timer: Timer
    ) -> None:
        self._events = events
        self._kinds: Mapping[str, Callable[[Params], Fault]] = MappingProxyType(
            {
                "lost-reply": LostReply,
                "delay": partial(Delay, timer=timer),
                "unavailable": Unavailable,
                "duplicate": partial(Duplicate, redeliver=redeliver),
                "unsigned": Unsigned,
                "statement-truncated": StatementTruncated,
                "statement-shuffled": StatementShuffled,
                "statement-entry": StatementEntryChanged,
            }
        )
        self._armed: dict[int, ArmedFault] = {}
        self._numbers = 0

    def arm(self, name: str, operation: str, trigger: Trigger, params: Params) -> ArmedFault:
        """Arm a fault.

        Raises:
            RequestRefused: There is no such fault, operation or parameter.
        """
        if name not in self._kinds:
            text = f"没有这个故障；可用的有 {'、'.join(sorted(self._kinds))}"
            raise unfit_member("fault", text=text)
        if operation not in OPERATIONS:
            text = f"没有这个操作；可用的有 {'、'.join(sorted(OPERATIONS))}"
            raise unfit_member("operation", text=text)
        self._numbers += 1
        armed = ArmedFault(
            self._numbers, name, operation, trigger, dict(params), self._kinds[name](params)
        )
        self._armed[armed.number] = armed
        return armed

    def armed(self) -> list[ArmedFault]:
        """Return the armed faults, in the order in which they were armed."""
        return list(self._armed.values())

    def disarm(self, number: int | None = None) -> None:
        """Disarm one fault, or all of them."""
        if number is None:
            self._armed.clear()
        else:
            self._armed.pop(number, None)

    async def run(self, call: Call, handler: CallHandler) -> Answer:
        """Run `handler` within every fault that meets this call, the first armed outermost."""
        if not self._armed:
            return await handler(call)
        meeting = [armed for armed in self._armed.values() if armed.operation == call.operation]
        for armed in meeting:
            armed.seen += 1
        for armed in reversed(meeting):
            if armed.trigger.fires(armed.seen, armed.happened):
                handler = partial(self._apply, armed, handler)
        return await handler(call)

    async def _apply(self, armed: ArmedFault, handler: CallHandler, call: Call) -> Answer:
        def record(facts: Mapping[str, str | int]) -> None:
            armed.happened += 1
            what = {"fault": armed.name, "operation": call.operation}
            self._events().record(EventKind.FAULT, None, {**what, "number": armed.number, **facts})

        return await armed.fault.apply(call, handler, record)
