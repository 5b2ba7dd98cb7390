"""Delay (迟延): the answer is held back."""

import asyncio

from simulator.exchanges.calls import Answer, Call, Operation
from simulator.faults.fault import Happened, Params, number_of, only

_LONGEST_MS = 600_000


class Delay:
    """Params: `ms` before the call takes effect; `after_ms` after it and before the answer."""

    def __init__(self, params: Params) -> None:
        only(params, "ms", "after_ms")
        self._before_ms = number_of(params, "ms", 0, most=_LONGEST_MS)
        self._after_ms = number_of(params, "after_ms", 0, most=_LONGEST_MS)

    async def apply(self, call: Call, operation: Operation, happened: Happened) -> Answer:
        """Wait, run the operation, wait again."""
        happened({"ms": self._before_ms, "after_ms": self._after_ms})
        await asyncio.sleep(self._before_ms / 1000)
        answer = await operation(call)
        await asyncio.sleep(self._after_ms / 1000)
        return answer
