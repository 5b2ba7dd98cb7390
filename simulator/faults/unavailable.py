"""Unavailable (暂不可用): 503 with Retry-After, and nothing takes effect."""

from simulator.errors import Refused
from simulator.exchanges.calls import Answer, Call, Operation
from simulator.faults.fault import Happened, Params, number_of, only

_LONGEST_S = 3600


class Unavailable:
    """Params: `retry_after_s`, 1 if not given."""

    def __init__(self, params: Params) -> None:
        only(params, "retry_after_s")
        self._retry_after_s = number_of(params, "retry_after_s", 1, most=_LONGEST_S)

    async def apply(self, call: Call, operation: Operation, happened: Happened) -> Answer:
        """Refuse the call before it reaches the operation."""
        happened({"retry_after_s": self._retry_after_s})
        raise Refused("service.unavailable", retry_after_s=self._retry_after_s)
