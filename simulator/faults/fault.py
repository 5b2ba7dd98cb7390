"""What a fault is: something between a call and its operation, which may or may not happen."""

from collections.abc import Callable, Mapping
from typing import Protocol

from simulator.errors import Refused
from simulator.exchanges.calls import Answer, Call, Operation

Happened = Callable[[Mapping[str, str | int]], None]
"""Told by a fault when it really did something, with facts for the event log."""
Params = Mapping[str, str | int]


class Fault(Protocol):
    """One kind of trouble; it stands around an operation."""

    async def apply(self, call: Call, operation: Operation, happened: Happened) -> Answer:
        """Run `operation` with the trouble, telling `happened` if there was any."""
        ...


def number_of(params: Params, name: str, default: int, *, most: int) -> int:
    """Return a parameter that is a whole number from 0 to `most`.

    Raises:
        Refused: It is not.
    """
    value = params.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise Refused("message.invalid", f"{name}: 0 to {most}")
    return value


def only(params: Params, *names: str) -> None:
    """Refuse a parameter that the fault does not know."""
    if unknown := sorted(set(params) - set(names)):
        raise Refused("message.invalid", f"unknown parameter {unknown[0]}"[:100])
