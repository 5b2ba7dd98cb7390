"""Unavailable (暂不可用): 503 with Retry-After, and nothing takes effect."""

from typing import Final

from simulator.errors import RequestRefused
from simulator.exchanges.calls import Answer, Call, CallHandler
from simulator.faults.fault import Params, RecordFault, integer_param, refuse_unknown

_MAX_RETRY_AFTER_S: Final = 3600


class Unavailable:
    """Params: `retry_after_s`, 1 if not given."""

    def __init__(self, params: Params) -> None:
        refuse_unknown(params, "retry_after_s")
        self._retry_after_s = integer_param(params, "retry_after_s", 1, maximum=_MAX_RETRY_AFTER_S)

    async def apply(self, call: Call, handler: CallHandler, record: RecordFault) -> Answer:
        """Refuse the call before it reaches its handler."""
        record({"retry_after_s": self._retry_after_s})
        raise RequestRefused("service.unavailable", retry_after_s=self._retry_after_s)
