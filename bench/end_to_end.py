"""B4, B9: applications there and back, with the real gateway process between real peers."""

from typing import Final

from bench.both_sides import await_results, both_sides, send_in_turn
from bench.environment import ROUNDS
from bench.figure import Figure, in_turn, percentile
from bench.flushes import count_flushes
from bench.round_trip import two_round_trips_ms
from simulator.app import Simulator
from simulator.exchanges.entries import Application

IDLE_COUNT: Final = 60
PAGES: Final = 10


async def measure_idle() -> list[Figure]:
    """B4: from the agency's decision to the result in the national book, nothing else going on."""
    p50s_ms, limits, p99s_ms = list[float](), list[float](), list[float]()
    async with both_sides() as sides:
        key_file = sides.env.key_file(sides.env.hmac_agency())

        async def measure_limit() -> None:
            limits.append(await two_round_trips_ms(IDLE_COUNT, key_file))

        async def measure_ours() -> None:
            filed = await send_in_turn(sides, sides.forms(IDLE_COUNT))
            times = [_return_ms(sides.simulator, one) for one in filed]
            p50s_ms.append(percentile(times, 50))
            p99s_ms.append(percentile(times, 99))

        for turn in range(ROUNDS):
            for measure_one in in_turn((measure_limit, measure_ours), turn):
                await measure_one()
    return [
        Figure("B4", "实时：决定到部端收到 p50", "ms", tuple(p50s_ms), tuple(limits), maximum=4),
        Figure("B4", "实时：决定到部端收到 p99", "ms", tuple(p99s_ms), maximum=100),
    ]


async def measure_flushes() -> list[Figure]:
    """B9: flushes to disk per case, one at a time and in pages of a hundred."""
    single, paged = list[float](), list[float]()
    async with both_sides() as sides:
        for _ in range(ROUNDS):
            before = await count_flushes(sides.env)
            await send_in_turn(sides, sides.forms(IDLE_COUNT))
            between = await count_flushes(sides.env)
            count = 100 * PAGES
            await await_results(sides, sides.file(sides.forms(count)))
            single.append((between - before) / IDLE_COUNT)
            paged.append((await count_flushes(sides.env) - between) / count)
    return [
        Figure("B9", "落盘：逐件时每件次数", "次", tuple(single), maximum=3),
        Figure("B9", "落盘：百件一页时每件次数", "次", tuple(paged), maximum=0.1),
    ]


def _return_ms(simulator: Simulator, one: Application) -> float:
    """Return the time from the agency's decision, before it is even sent, to its effect."""
    decided_at = next(
        received.decided_at
        for agency in simulator.agencies.values()
        for received in agency.book.received.values()
        if received.dispatch.application.application_no == one.number
    )
    if one.decided_at is None or decided_at is None:
        raise RuntimeError(f"{one.number} has no result")
    return (one.decided_at - decided_at).total_seconds() * 1000
