"""What a fault is: something between a call and its handler, which may or may not happen."""

from collections.abc import Callable, Mapping
from typing import Protocol

from simulator.errors import unfit_member
from simulator.exchanges.calls import Answer, Call, CallHandler

RecordFault = Callable[[Mapping[str, str | int]], None]
"""Called by a fault when it really did something, with facts for the event log."""
Params = Mapping[str, str | int]


class Fault(Protocol):
    """One way in which a call goes wrong; it wraps the call's handler."""

    async def apply(self, call: Call, handler: CallHandler, record: RecordFault) -> Answer:
        """Run `handler` with the fault, and call `record` if the fault did something."""
        ...


def integer_param(params: Params, name: str, default: int, *, maximum: int) -> int:
    """Return a parameter that is a whole number from 0 to `maximum`.

    Raises:
        RequestRefused: It is not.
    """
    value = params.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= maximum:
        raise unfit_member("params", name, text=f"{name} 须为 0 至 {maximum} 的整数")
    return value


def refuse_unknown(params: Params, *known: str) -> None:
    """Check that a fault knows all of its parameters.

    Raises:
        RequestRefused: It does not.
    """
    if unknown := sorted(set(params) - set(known)):
        text = f"没有这个参数；该故障的参数有 {'、'.join(known)}" if known else "该故障没有参数"
        raise unfit_member("params", unknown[0], text=text)
