"""B5: what things cost with so many past cases in the ledger, beside the same with hardly any.

All ledgers are measured in turn, page by page and request by request, so that a machine that slows
down for a while slows all of them.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from random import Random
from statistics import median
from time import perf_counter
from typing import Final

import aiohttp

from bench.environment import (
    ROUNDS,
    SEED,
    gateway_program,
    ledger_store,
    national_side_program,
    portal_client,
)
from bench.figure import Figure, in_turn
from bench.grown_ledger import GrownLedger, Show, grown_ledger
from bench.load import send_all
from bench.outcome_requests import requests_for
from duijie.ports import HOST
from gateway.domain.case import State
from gateway.flows.intake import ingest
from gateway.jobs.garbage_collection import settle_memory
from gateway.ports.views import PageMark
from gateway.web.console.worklist_query import next_page
from schemas.reference.clock import utc_now
from schemas.signing import read_key_file
from simulator.people.chance import seeded_random

SIZES: Final = (100_000,)
_FEW: Final = 200
"""So many past cases stand for none: a list and a case page need something to show."""
_PAGES: Final = 10
_PAGE: Final = 100
_PARTS: Final = 4
_PART: Final = 250
_ASKED: Final = 20
_METRICS_KEPT_S: Final = 5.2  # the gateway gives the same figures again for five seconds
_TARGETS: Final = ((1_000_000, 1.15), (5_000_000, 1.3))
Costs = dict[str, list[float]]
Ask = Callable[["_Measured"], str]


@dataclass(slots=True)
class _Measured:
    """One of the ledgers, with what was measured of it, in milliseconds, round by round."""

    ledger: GrownLedger
    chance: Random = field(default_factory=lambda: seeded_random(SEED))
    costs: Costs = field(default_factory=dict)
    opened: list[str] = field(default_factory=list)

    def add(self, what: str, seconds: float, count: int = 1) -> None:
        """Note what one of `count` things cost in a round."""
        self.costs.setdefault(what, []).append(seconds / count * 1000)

    def forget_first_round(self) -> None:
        """Forget what was measured while caches were empty, of the last thing measured."""
        for what, costs in self.costs.items():
            if len(costs) > ROUNDS:
                self.costs[what] = costs[1:]

    def any_number(self) -> str:
        """Return the number of some past case."""
        past = self.ledger.past
        return past.number(self.chance.randrange(past.total))


async def measure(sizes: Sequence[int], server: str | None, show: Show) -> list[Figure]:
    """Measure ledgers of these sizes, SQLite files or databases on a PostgreSQL server."""
    settle_memory()
    async with AsyncExitStack() as stack:
        measured = [
            _Measured(await stack.enter_async_context(grown_ledger(size, server, show)))
            for size in (_FEW, *sizes)
        ]
        show("正在测量 B5：查阅 …")
        await _measure_reading(measured)
        show("正在测量 B5：接收 …")
        await _measure_intake(measured)
        show("正在测量 B5：上传 …")
        await _measure_outcomes(measured)
    few, *grown = measured
    return [
        _figure(size, what, one.costs[what], few.costs[what])
        for size, one in zip(sizes, grown, strict=True)
        for what in few.costs
    ]


async def _measure_reading(measured: Sequence[_Measured]) -> None:
    """Measure what people and scrapes ask for, each question in turn of all ledgers."""
    async with AsyncExitStack() as stack:
        for one in measured:
            await stack.enter_async_context(gateway_program(one.ledger.env))
        session = await stack.enter_async_context(aiohttp.ClientSession(trust_env=False))
        for turn in range(ROUNDS + 1):
            began = perf_counter()
            for one in in_turn(measured, turn):
                url = f"{one.ledger.env.plan.url('health')}/metrics"
                one.add("/metrics", await _ask(session, url))
            for what, path in _PAGES_ASKED.items():
                await _measure_page(session, measured, what, path)
            await asyncio.sleep(began + _METRICS_KEPT_S - perf_counter())
    for one in measured:
        one.forget_first_round()


async def _measure_page(
    session: aiohttp.ClientSession, measured: Sequence[_Measured], what: str, path: Ask
) -> None:
    taken: list[list[float]] = [[] for _ in measured]
    for turn in range(_ASKED):
        for one, seconds in in_turn(list(zip(measured, taken, strict=True)), turn):
            url = f"{one.ledger.env.plan.url('console')}{path(one)}"
            seconds.append(await _ask(session, url))
    for one, seconds in zip(measured, taken, strict=True):
        one.add(what, median(seconds))


async def _ask(session: aiohttp.ClientSession, url: str) -> float:
    """Ask for a page and return the seconds until it was there."""
    started = perf_counter()
    async with session.get(url) as answer:
        await answer.read()
        answer.raise_for_status()
    return perf_counter() - started


def _page_of_list(one: _Measured) -> str:
    """Return where a page of the list of ended cases is that begins somewhere among them."""
    past = one.ledger.past
    key = past.number(one.chance.randrange(past.total // 2))
    day = f"{key[4:8]}-{key[8:10]}-{key[10:12]}"
    return next_page({"state": State.REPORTED}, PageMark(day, key))


_PAGES_ASKED: Final[Mapping[str, Ask]] = {
    "工作台首页": lambda _: "/",
    "办件列表": _page_of_list,
    "按编号查找": lambda one: f"/?key={one.any_number()}",
    "办件详情": lambda one: f"/cases/{one.any_number()}",
}


async def _measure_intake(measured: Sequence[_Measured]) -> None:
    """Measure B1, a page of each ledger after another."""
    async with AsyncExitStack() as stack:
        intakes = [await stack.enter_async_context(_intake(one)) for one in measured]
        for turn in range(ROUNDS + 1):
            seconds = [0.0] * len(measured)
            for page in range(_PAGES):
                for place in in_turn(range(len(measured)), turn + page):
                    seconds[place] += await intakes[place]()
            for one, taken in zip(measured, seconds, strict=True):
                one.add("B1 接收一件", taken, _PAGES * _PAGE)
    for one in measured:
        one.forget_first_round()


@asynccontextmanager
async def _intake(one: _Measured) -> AsyncIterator[Callable[[], Awaitable[float]]]:
    """Yield what ingests the next page and returns the seconds that it took."""
    env, rules = one.ledger.env, one.ledger.past.rules
    async with national_side_program(env) as control:
        places, count = env.hmac_agency().places, (ROUNDS + 1) * _PAGES * _PAGE
        await control.file(count, seed=SEED + 1, places=places)
        async with portal_client(env) as portal, ledger_store(env) as store:

            async def ingest_page() -> float:
                started = perf_counter()
                result = await ingest(portal, store=store, rules=rules, now=utc_now, limit=_PAGE)
                seconds = perf_counter() - started
                one.opened += [row.key for row in result.rows if row.key is not None]
                return seconds

            yield ingest_page


async def _measure_outcomes(measured: Sequence[_Measured]) -> None:
    """Measure B2 over the cases that the intake opened, some of each ledger after another."""
    async with AsyncExitStack() as stack:
        for one in measured:
            await stack.enter_async_context(gateway_program(one.ledger.env))
        for turn in range(ROUNDS + 1):
            seconds = [0.0] * len(measured)
            for part in range(_PARTS):
                for place in in_turn(range(len(measured)), turn + part):
                    seconds[place] += await _send_outcomes(measured[place])
            for one, taken in zip(measured, seconds, strict=True):
                one.add("B2 接收审核结果一件", taken, _PARTS * _PART)
    for one in measured:
        one.forget_first_round()


async def _send_outcomes(one: _Measured) -> float:
    """Post outcomes of the next cases; return the seconds that it took."""
    env = one.ledger.env
    agency, port = env.hmac_agency(), env.plan.ports["gateway"]
    chosen, one.opened = one.opened[:_PART], one.opened[_PART:]
    key = read_key_file(env.key_file(agency))
    seconds, _ = await send_all(HOST, port, list(requests_for(chosen, agency, key, port)))
    return seconds


def _figure(size: int, what: str, costs: Sequence[float], at_first: Sequence[float]) -> Figure:
    target = next((maximum for upto, maximum in _TARGETS if size <= upto), None)
    title = f"台账 {size:,} 件：{what}"
    return Figure("B5", title, "ms", tuple(costs), tuple(at_first), maximum=target)
