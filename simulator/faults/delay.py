"""Delay (迟延): the answer is held back."""

from typing import Final

from simulator.exchanges.calls import Answer, Call, CallHandler
from simulator.faults.fault import Params, RecordFault, integer_param, refuse_unknown
from simulator.timer import Timer

_MAX_MS: Final = 600_000


class Delay:
    """Params: `ms` before the call takes effect; `after_ms` after it and before the answer."""

    def __init__(self, params: Params, *, timer: Timer) -> None:
        refuse_unknown(params, "ms", "after_ms")
        self._before_ms = integer_param(params, "ms", 0, maximum=_MAX_MS)
        self._after_ms = integer_param(params, "after_ms", 0, maximum=_MAX_MS)
        self._timer = timer

    async def apply(self, call: Call, handler: CallHandler, record: RecordFault) -> Answer:
        """Wait, run the handler, wait again."""
        record({"ms": self._before_ms, "after_ms": self._after_ms})
        await self._timer.sleep(self._before_ms / 1000)
        answer = await handler(call)
        await self._timer.sleep(self._after_ms / 1000)
        return answer
