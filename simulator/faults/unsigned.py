"""Unsigned (响应未签名): the call takes effect, and its answer bears no signature."""

from dataclasses import replace

from simulator.exchanges.calls import Answer, Call, CallHandler
from simulator.faults.fault import Params, RecordFault, refuse_unknown


class Unsigned:
    """The peer must not use what it cannot prove; the same call goes again."""

    def __init__(self, params: Params) -> None:
        refuse_unknown(params)

    async def apply(self, call: Call, handler: CallHandler, record: RecordFault) -> Answer:
        """Let the call take effect and leave the signature out."""
        answer = await handler(call)
        record({"status": answer.status})
        return replace(answer, signed=False)
