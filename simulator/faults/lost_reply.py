"""Lost reply (应答丢失): the call takes effect, then the connection is cut without an answer."""

from simulator.errors import ConnectionCut
from simulator.exchanges.calls import Answer, Call, Operation
from simulator.faults.fault import Happened, Params, only


class LostReply:
    """The caller cannot know whether its message arrived; the same message must go again."""

    def __init__(self, params: Params) -> None:
        only(params)

    async def apply(self, call: Call, operation: Operation, happened: Happened) -> Answer:
        """Let the operation take effect and cut the connection."""
        answer = await operation(call)
        happened({"status": answer.status})
        raise ConnectionCut(call.operation)
