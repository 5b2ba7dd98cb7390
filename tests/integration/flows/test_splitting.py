"""One message must not stop its neighbours: what fails as a whole goes in smaller batches."""

from dataclasses import dataclass, field
from functools import partial

import pytest

from gateway.domain.dispatch import dispatch_number
from gateway.errors import PeerUnavailable
from gateway.flows.relay import Relayed, relay_dispatches, relay_reports
from gateway.jobs.relay import RelayLoop, Send
from gateway.metrics import Metrics
from gateway.ports import PORTAL
from tests.builders.records import JINSHUI
from tests.integration.flows.desk import Desk, an_item
from tests.support.peers import Taker

MINUTE_S = 60.0


@dataclass
class SendingDesk:
    """A relay loop over a desk, driven by the desk's clock; notes when it called its peer."""

    desk: Desk
    taker: Taker
    loop: RelayLoop
    called_at: list[float] = field(default_factory=list)

    async def run(self, seconds: float) -> None:
        """Let time pass, turn after turn."""
        clock = self.desk.clock
        end = clock.ahead.total_seconds() + seconds
        while clock.ahead.total_seconds() < end:
            calls = len(self.taker.batches)
            pause_s = await self.loop.turn()
            if len(self.taker.batches) > calls:
                self.called_at.append(clock.ahead.total_seconds())
            clock.forward(seconds=max(pause_s, 0.001))


async def dispatches(desk: Desk, keys: list[str]) -> SendingDesk:
    """Have dispatches of these cases due to 金水区."""
    for start in range(0, len(keys), 100):
        await desk.pull(*(an_item(key) for key in keys[start : start + 100]))
    send = partial(
        relay_dispatches, JINSHUI, desk.agency, store=desk.store, now=desk.clock, jitter=desk.jitter
    )
    return SendingDesk(desk, desk.agency.inbox, _loop(desk, JINSHUI, send))


async def reports(desk: Desk, keys: list[str]) -> SendingDesk:
    """Have reports of these cases due to the portal."""
    await desk.pull(*(an_item(key) for key in keys))
    await desk.decide(*[await desk.outcome(key) for key in keys])
    send = partial(relay_reports, desk.portal, store=desk.store, now=desk.clock, jitter=desk.jitter)
    return SendingDesk(desk, desk.portal.reports, _loop(desk, PORTAL, send))


def _loop(desk: Desk, peer: str, send: Send) -> RelayLoop:
    metrics = Metrics(version="0", contract="0")
    return RelayLoop(peer, send, now=desk.clock, jitter=desk.jitter, metrics=metrics)


def keys_of(count: int) -> list[str]:
    return [f"SY{number:03}" for number in range(count)]


async def test_the_neighbours_of_a_filtered_dispatch_are_through_within_a_minute(
    desk: Desk,
) -> None:
    sending = await dispatches(desk, keys_of(60))
    culprit = dispatch_number("SY031", 1)
    sending.taker.filtered.add(culprit)

    await sending.run(MINUTE_S)

    assert len(sending.taker.taken) == 59
    assert await desk.outbox_depth(JINSHUI) == (1, 0)
    assert [(culprit, 1)] in sending.taker.batches
    calls = list(zip(sending.taker.batches, sending.called_at, strict=True))
    failed = [(len(batch), at) for batch, at in calls if (culprit, 1) in batch]
    assert [size for size, _ in failed] == sorted({size for size, _ in failed}, reverse=True)
    after = [min(later for _, later in calls if later > at) for _, at in failed[:-1]]
    assert all(later - at >= 1.0 for (_, at), later in zip(failed, after, strict=False))


async def test_the_neighbours_of_a_filtered_report_are_through_within_a_minute(desk: Desk) -> None:
    sending = await reports(desk, keys_of(20))
    sending.taker.filtered.add("SY007")

    await sending.run(MINUTE_S)

    assert len(sending.taker.taken) == 19
    assert await desk.outbox_depth(PORTAL) == (1, 0)


async def test_a_message_that_fails_alone_stops_no_new_one_and_gets_through_in_the_end(
    desk: Desk,
) -> None:
    sending = await dispatches(desk, keys_of(4))
    sending.taker.filtered.add(dispatch_number("SY001", 1))
    await sending.run(20 * MINUTE_S)
    await desk.pull(an_item("SY-NEW"))
    await sending.run(5.0)
    assert (dispatch_number("SY-NEW", 1), 1) in sending.taker.taken

    sending.taker.filtered.clear()
    await sending.run(70 * MINUTE_S)
    assert await desk.outbox_depth(JINSHUI) == (0, 0)


async def test_where_more_than_five_are_too_many_five_at_a_time_go_through(desk: Desk) -> None:
    sending = await dispatches(desk, keys_of(120))
    sending.taker.max_batch = 5

    await sending.run(5 * MINUTE_S)

    assert len(sending.taker.taken) == 120
    assert await desk.outbox_depth(JINSHUI) == (0, 0)
    refused = [batch for batch in sending.taker.batches if len(batch) > 5]
    assert len(refused) < 15


async def test_a_message_never_taken_goes_alone_also_after_a_restart(desk: Desk) -> None:
    sending = await dispatches(desk, keys_of(2))
    culprit = dispatch_number("SY001", 1)
    sending.taker.filtered.add(culprit)
    await sending.run(10 * MINUTE_S)
    anew = await dispatches(desk, [f"SY1{number:02}" for number in range(5)])
    before = len(sending.taker.batches)

    await anew.run(70 * MINUTE_S)

    later = sending.taker.batches[before:]
    assert [(culprit, 1)] in later
    assert all(batch == [(culprit, 1)] for batch in later if (culprit, 1) in batch)


async def test_what_is_not_sent_after_a_failure_is_handed_back_and_goes_next(desk: Desk) -> None:
    await desk.pull(*(an_item(key) for key in keys_of(4)))
    desk.agency.inbox.filtered.add(dispatch_number("SY001", 1))
    desk.agency.inbox.poison.add(dispatch_number("SY003", 1))

    async def push() -> Relayed:
        relayed = await desk.push()
        desk.clock.forward(seconds=1)
        return relayed

    assert (await push()).unanswered != ()
    assert (await desk.figures()).backlog[0].depth == 4


@pytest.mark.parametrize("status_answered", [True, False])
async def test_a_peer_that_fails_at_everything_opens_its_circuit(
    desk: Desk, *, status_answered: bool
) -> None:
    sending = await dispatches(desk, keys_of(100))
    if status_answered:
        sending.taker.max_batch = 0
    else:
        sending.taker.failures += [PeerUnavailable("agency") for _ in range(1000)]

    await sending.run(2 * MINUTE_S)

    assert sending.loop.breaker.failures >= 5
    assert len(sending.taker.batches) <= 2 * MINUTE_S
    assert not sending.taker.taken
