"""B2: single outcomes posted by an agency, 64 in flight, beside a bare handler."""

import asyncio
import sys
from asyncio.subprocess import STDOUT
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

from bench.environment import (
    ROUNDS,
    SEED,
    Environment,
    fresh_environment,
    gateway_program,
    ingest_all,
    ledger_store,
    national_side_program,
    portal_client,
    running,
)
from bench.figure import Figure, in_turn, percentile
from bench.load import send_all
from bench.outcome_requests import requests_for
from duijie.demo.programs import Program
from duijie.ports import HOST, free_ports
from gateway.app.rules import load_rules
from schemas.signing import read_key_file

COUNT: Final = 3000


async def measure() -> list[Figure]:
    """Measure both servers in turn over the same cases."""
    ours, limits, p99s_ms = list[float](), list[float](), list[float]()
    async with fresh_environment() as env:
        agency, gateway_port = env.hmac_agency(), env.plan.ports["gateway"]
        key = read_key_file(env.key_file(agency))
        numbers = await _open_cases(env, agency.places)
        async with gateway_program(env), _limit_program(env) as limit_port:
            sides = ((limit_port, limits, list[float]()), (gateway_port, ours, p99s_ms))
            for turn in range(ROUNDS):
                chosen = numbers[turn * COUNT : (turn + 1) * COUNT]
                for port, rates, p99s in in_turn(sides, turn):
                    requests = list(requests_for(chosen, agency, key, port))
                    took, seconds = await send_all(HOST, port, requests)
                    rates.append(COUNT / took)
                    p99s.append(percentile(seconds, 99) * 1000)
    return [
        Figure("B2", "上传：每秒接收审核结果", "/s", tuple(ours), tuple(limits), minimum=0.60),
        Figure("B2", "上传：响应时间 p99", "ms", tuple(p99s_ms), maximum=40),
    ]


async def _open_cases(env: Environment, places: Sequence[str]) -> list[str]:
    """Open all cases, then stop the national side: reports wait in the outbox, none is sent."""
    async with national_side_program(env) as control:
        await control.file(COUNT * ROUNDS, seed=SEED, places=places)
        async with portal_client(env) as portal, ledger_store(env) as store:
            return await ingest_all(portal, store, load_rules(env.settings))


@asynccontextmanager
async def _limit_program(env: Environment) -> AsyncIterator[int]:
    """Run the bare handler as a process of its own; yield its port."""
    port = free_ports(1)[0]
    files = (env.key_file(env.hmac_agency()), env.settings.ledger_keys, env.folder / "limit.db")
    log = env.folder / "limit.log"
    with log.open("wb") as written:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bench.limit_server", *map(str, files), str(port)),
            stdout=written,
            stderr=STDOUT,
        )
    program = Program("对照服务", process, log, f"http://{HOST}:{port}/readyz")
    async with running(program):
        yield port
