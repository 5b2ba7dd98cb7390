"""B2: single outcomes posted by an agency, 64 in flight, beside a bare handler."""

import asyncio
import sys
from asyncio.subprocess import STDOUT
from collections.abc import AsyncIterator, Iterator, Sequence
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
from bench.figure import Figure, percentile
from bench.load import send_all
from duijie.demo.programs import Program
from duijie.ports import HOST, free_ports
from gateway.app.rules import load_rules
from gateway.domain.dispatch import dispatch_number
from schemas.records.outcomes import Outcome, Verdict
from schemas.reference.clock import beijing_date, utc_now
from schemas.signing import Key, Target, read_key_file, sign_request

COUNT: Final = 3000
_PATH: Final = "/agency/v1/outcomes"


async def measure() -> list[Figure]:
    """Measure both servers in turn over the same cases."""
    ours, limits, p99s_ms = list[float](), list[float](), list[float]()
    async with fresh_environment() as env:
        agency = env.hmac_agency()
        key = read_key_file(env.key_file(agency))
        numbers = await _open_cases(env, agency.places)
        async with gateway_program(env), _limit_program(env) as limit_port:
            for turn in range(ROUNDS):
                chosen = numbers[turn * COUNT : (turn + 1) * COUNT]
                bodies = [_outcome(number, agency.code, agency.division) for number in chosen]
                requests = list(_requests(bodies, key, limit_port))
                took, _ = await send_all(HOST, limit_port, requests)
                limits.append(COUNT / took)
                port = env.plan.ports["gateway"]
                requests = list(_requests(bodies, key, port))
                took, seconds = await send_all(HOST, port, requests)
                ours.append(COUNT / took)
                p99s_ms.append(percentile(seconds, 99) * 1000)
    return [
        Figure("B2", "上传: 每秒受理审核结果", "/s", tuple(ours), tuple(limits), minimum=0.60),
        Figure("B2", "上传: 响应时间 p99", "ms", tuple(p99s_ms), maximum=40),
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


def _outcome(number: str, agency: str, division: str) -> bytes:
    outcome = Outcome(
        application_no=number,
        revision=1,
        dispatch_no=dispatch_number(number, 1),
        review_state="2",
        verdict=Verdict.PASSED,
        agency_code=agency,
        agency_name="模拟公共就业服务中心",
        agency_division=division,
        handler="模拟经办",
        decided_at=utc_now(),
        registration_no="SY20260000000001",
        registration_date=beijing_date(utc_now()),
        certificate_no="4101000126000001",
    )
    return b'{"outcomes":[' + outcome.wire() + b"]}"


def _requests(bodies: Sequence[bytes], key: Key, port: int) -> Iterator[bytes]:
    """Yield whole requests, signed beforehand so that the load costs the measured side nothing."""
    target = Target.from_url("POST", f"http://{HOST}:{port}{_PATH}")
    for body in bodies:
        signed = sign_request(
            key, target, body=body, content_type="application/json", now=utc_now()
        )
        lines = "".join(f"{name}: {value}\r\n" for name, value in signed.headers.items())
        head = (
            f"POST {_PATH} HTTP/1.1\r\nHost: {HOST}:{port}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n{lines}\r\n"
        )
        yield head.encode() + body
