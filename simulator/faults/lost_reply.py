"""Lost reply (响应丢失): the call takes effect, then the connection is cut without an answer."""

from simulator.errors import ConnectionCut
from simulator.exchanges.calls import Answer, Call, CallHandler
from simulator.faults.fault import Params, RecordFault, refuse_unknown


class LostReply:
    """The peer cannot know whether its message arrived; the same message must go again."""

    def __init__(self, params: Params) -> None:
        refuse_unknown(params)

    async def apply(self, call: Call, handler: CallHandler, record: RecordFault) -> Answer:
        """Let the call take effect and cut the connection."""
        answer = await handler(call)
        record({"status": answer.status})
        raise ConnectionCut(call.operation)
