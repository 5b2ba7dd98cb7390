"""Whatever waits in faults and agencies waits through the timer it is given."""

import asyncio
from collections.abc import Mapping

import pytest

from simulator.errors import RequestRefused
from simulator.exchanges.backoff import Backoff
from simulator.exchanges.calls import Answer, Call
from simulator.exchanges.notifier import Notifier
from simulator.faults.delay import Delay
from simulator.logs import Facts
from tests.unit.simulator.settable_time import SettableTime

PING = Call("ping", "portal", {}, b"{}", "0" * 32)


async def test_a_delay_holds_the_call_back_before_it_takes_effect_and_after() -> None:
    time, handled, recorded = SettableTime(), list[Call](), list[Mapping[str, str | int]]()

    async def handler(call: Call) -> Answer:
        handled.append(call)
        return Answer("pong")

    delay = Delay({"ms": 700, "after_ms": 300}, timer=time)
    answering = asyncio.create_task(delay.apply(PING, handler, recorded.append))
    await time.until_waits(1)
    assert handled == []

    time.forward(0.7)
    await time.until_waits(2)
    assert handled == [PING]
    assert not answering.done()

    time.forward(0.3)
    assert (await answering).record == "pong"
    assert time.waits == [0.7, 0.3]
    assert recorded == [{"ms": 700, "after_ms": 300}]


@pytest.mark.parametrize("params", [{"ms": 600_001}, {"ms": -1}, {"ms": "1"}, {"hours": 1}])
def test_a_delay_refuses_params_that_it_cannot_keep(params: dict[str, str | int]) -> None:
    with pytest.raises(RequestRefused, match=r"message\.invalid"):
        Delay(params, timer=SettableTime())


async def pauses(*asked: tuple[int, float | None], seed: int = 7) -> list[float]:
    """Return how long a backoff pauses after so many failures, with such a Retry-After."""
    time = SettableTime()
    backoff = Backoff("4101000001", Facts(agency="4101000001"), seed=seed, timer=time)
    for number, (failures, retry_after_s) in enumerate(asked, 1):
        pause = asyncio.create_task(backoff.pause("submit", failures, retry_after_s))
        await time.until_waits(number)
        time.forward(time.waits[-1])
        await pause
    return time.waits


async def test_an_agency_pauses_longer_after_each_failure_up_to_half_a_minute() -> None:
    waited = await pauses(*((failures, None) for failures in range(1, 21)))
    ceilings = [min(0.1 * 2**failures, 30.0) for failures in range(1, 21)]
    pairs = zip(waited, ceilings, strict=True)
    assert all(ceiling / 2 <= pause <= ceiling for pause, ceiling in pairs)
    assert len(set(waited)) == len(waited)


async def test_the_same_seed_gives_the_same_pauses() -> None:
    asked = [(failures, None) for failures in range(1, 6)]
    assert await pauses(*asked) == await pauses(*asked)
    assert await pauses(*asked) != await pauses(*asked, seed=8)


async def test_an_agency_waits_as_long_as_the_gateway_asks_but_no_longer_than_half_a_minute() -> (
    None
):
    assert await pauses((1, 5.0), (1, 3600.0)) == [5.0, 30.0]


async def test_a_notifier_wakes_all_that_wait_and_keeps_nothing_for_later() -> None:
    time, notifier = SettableTime(), Notifier()
    notifier.notify()
    waiting = [asyncio.create_task(notifier.wait(9, timer=time)) for _ in range(2)]
    await time.until_waits(2)
    assert notifier.waiting == 2
    notifier.notify()
    assert await asyncio.gather(*waiting) == [True, True]

    late = asyncio.create_task(notifier.wait(9, timer=time))
    await time.until_waits(3)
    time.forward(9)
    assert await late is False
    assert notifier.waiting == 0
