"""B3: applications there and back a second, beside the exchanges of the MESH sandbox.

Ours are durable and signed: filed at the national side, ingested, dispatched to one of three
agencies, decided at once, reported, and in effect. The peer's are neither (`bench.peer.sandbox`).
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Final

from bench.both_sides import (
    BothSides,
    both_sides,
    keep_under_way,
    send_at_rate,
    there_and_back_ms,
)
from bench.environment import ROUNDS
from bench.figure import Figure, in_turn, percentile
from bench.peer.sandbox import exchanges_a_second, peer_python
from portable.process_times import cpu_seconds

FEW: Final = 8
MANY: Final = 64
_COUNTS: Final = {1: 128, FEW: 400, MANY: 1280}
_AT_HALF_LOAD: Final = 200
NOT_MEASURED: Final = (
    "B3 未与同类软件（NHS MESH sandbox）比较：尚未安装；运行 make bench-peer 安装并比较"
)


@dataclass(slots=True)
class Measured:
    """What was measured, a value each round; rates a second, by how many were under way."""

    ours: dict[int, list[float]] = field(default_factory=lambda: {FEW: [], MANY: []})
    peer: dict[int, list[float]] = field(default_factory=lambda: {1: [], FEW: [], MANY: []})
    p50s_ms: list[float] = field(default_factory=list)
    p99s_ms: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)


async def measure() -> list[Figure]:
    """Measure both in turn, ours alone where the peer is not installed."""
    python, measured = peer_python(), Measured()
    async with both_sides() as sides:
        for turn in range(ROUNDS):
            for under_way in (FEW, MANY):
                turns: list[Callable[[], Awaitable[None]]] = [
                    partial(_measure_ours, measured, sides, under_way)
                ]
                if python is not None:
                    turns.append(partial(_measure_peer, measured, python, under_way))
                for measure_one in in_turn(turns, turn):
                    await measure_one()
            if python is not None:
                await _measure_peer(measured, python, 1)
            await _measure_half_load(measured, sides)
    return figures(measured)


async def _measure_ours(measured: Measured, sides: BothSides, under_way: int) -> None:
    count, gateway = _COUNTS[under_way], sides.gateway.process.pid
    forms = sides.forms(count)
    used_before, started = cpu_seconds(gateway), perf_counter()
    await keep_under_way(sides, under_way, forms)
    measured.ours[under_way].append(count / (perf_counter() - started))
    used = cpu_seconds(gateway)
    if under_way == MANY and used is not None and used_before is not None:
        measured.cpu_ms.append((used - used_before) / count * 1000)


async def _measure_half_load(measured: Measured, sides: BothSides) -> None:
    """File at half the rate that eight under way reached."""
    forms = sides.forms(_AT_HALF_LOAD)
    filed = await send_at_rate(sides, measured.ours[FEW][-1] / 2, forms)
    times = [there_and_back_ms(one) for one in filed]
    measured.p50s_ms.append(percentile(times, 50))
    measured.p99s_ms.append(percentile(times, 99))


async def _measure_peer(measured: Measured, python: Path, under_way: int) -> None:
    count = _COUNTS[under_way]
    rate = await exchanges_a_second(python, under_way=under_way, count=count)
    measured.peer[under_way].append(rate)


def figures(measured: Measured) -> list[Figure]:
    """Return the figures of what was measured; without the peer no rate has a target."""
    return [
        _rates(measured, FEW, 3),
        _rates(measured, MANY, 8),
        Figure("B3", "往返：半载时 p50", "ms", tuple(measured.p50s_ms), maximum=60),
        Figure("B3", "往返：半载时 p99", "ms", tuple(measured.p99s_ms), maximum=250),
        *_cpu_figures(measured),
        *_peer_figures(measured),
    ]


def _rates(measured: Measured, under_way: int, minimum: float) -> Figure:
    """Return our rate beside that of the peer."""
    peer = tuple(measured.peer[under_way])
    return Figure(
        "B3",
        f"往返：并发 {under_way} 时每秒办结上传",
        "/s",
        tuple(measured.ours[under_way]),
        peer,
        minimum=minimum if peer else None,
    )


def _cpu_figures(measured: Measured) -> list[Figure]:
    """Return the gateway's processor time; the system may have no file that says it."""
    used, what = tuple(measured.cpu_ms), f"往返：并发 {MANY} 时网关每件处理器时间"
    return [Figure("B3", what, "ms", used, maximum=1.5)] if used else []


def _peer_figures(measured: Measured) -> list[Figure]:
    one = tuple(measured.peer[1])
    return [Figure("B3", "对照：MESH sandbox 并发 1 时每秒", "/s", one)] if one else []
