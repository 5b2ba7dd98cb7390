"""报送: hands in what the counter of an agency accepted and ended."""

from collections.abc import Sequence
from typing import Final

from schemas.reference.clock import Now
from simulator.agencies.connection import AgencyConnection
from simulator.agencies.counter import Counter
from simulator.agencies.gateway import Submit
from simulator.agencies.handed_in import HandedIn, HandInQueue
from simulator.exchanges.signed_client import Unanswered

_BATCH: Final = 200


async def hand_in_next(counter: Counter, gateway: AgencyConnection, now: Now) -> bool:
    """Hand in one batch, registrations before deregistrations; False if nothing waits.

    What got no answer goes again, as the same bytes.

    Raises:
        Unanswered: Something has to go again.
    """
    for queue, send in (
        (counter.registrations, gateway.submit_registrations),
        (counter.deregistrations, gateway.submit_deregistrations),
    ):
        if batch := queue.due(_BATCH):
            await _hand_in(queue, batch, send, now)
            return True
    return False


async def _hand_in(queue: HandInQueue, batch: Sequence[HandedIn], send: Submit, now: Now) -> None:
    for one in batch:
        one.sent += 1
    try:
        results = await send([one.content for one in batch])
    except BaseException:
        queue.put_back(batch)
        raise
    answered = zip(batch, results, strict=True)
    again = [one for one, result in answered if not queue.settle(one, result, now())]
    if again:
        queue.put_back(again)
        raise Unanswered("not every record has its final answer")
