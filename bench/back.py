"""B2: single outcomes posted by agencies, 64 in flight, beside a bare handler."""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

import httpx

from bench.figure import Figure, percentile
from bench.load import send_all
from bench.stage import (
    ROUNDS,
    Stage,
    file_people,
    gateway_program,
    ledger_of,
    lonely_national_side,
    portal_of,
    rules_of,
    stage,
    take_all,
)
from duijie.ports import HOST, free_ports
from gateway.domain.outcome_rules import dispatch_number
from schemas.records.outcomes import Outcome, Verdict
from schemas.reference.clock import beijing_date, utc_now
from schemas.signing import Key, Target, sign_request

COUNT: Final = 3000
_PATH: Final = "/agency/v1/outcomes"
_LOOK_EVERY_S: Final = 0.05


async def measure() -> list[Figure]:
    """Measure both servers in turn over the same cases."""
    ours, limits, slowest = list[float](), list[float](), list[float]()
    async with stage() as ground:
        agency, link = ground.sharing_agency()
        numbers = await _prepared(ground, agency.places)
        async with gateway_program(ground), _limit(ground) as limit_port:
            for turn in range(ROUNDS):
                mine = numbers[turn * COUNT : (turn + 1) * COUNT]
                bodies = [_outcome(number, agency.code, agency.division) for number in mine]
                requests = list(_requests(bodies, link.ours, limit_port))
                took, _ = await send_all(HOST, limit_port, requests)
                limits.append(COUNT / took)
                port = ground.plan.ports["gateway"]
                requests = list(_requests(bodies, link.ours, port))
                took, seconds = await send_all(HOST, port, requests)
                ours.append(COUNT / took)
                slowest.append(percentile(seconds, 99) * 1000)
    return [
        Figure("B2", "回传: 每秒受理审核结果", "/s", tuple(ours), tuple(limits), least=0.60),
        Figure("B2", "回传: 应答时间 p99", "ms", tuple(slowest), most=40),
    ]


async def _prepared(ground: Stage, places: Sequence[str]) -> list[str]:
    """Take all cases over, then let the national side go: reports pile up, nothing is sent."""
    async with lonely_national_side(ground) as control:
        await file_people(control, COUNT * ROUNDS, places)
        async with portal_of(ground) as portal, ledger_of(ground) as store:
            return await take_all(portal, store, rules_of(ground))


@asynccontextmanager
async def _limit(ground: Stage) -> AsyncIterator[int]:
    """Run the bare handler as a process of its own; give its port."""
    port = free_ports(1)[0]
    agency, _ = ground.sharing_agency()
    key_file = next(one for one in ground.settings.agency if one.code == agency.code).key_file
    words = (str(key_file), str(ground.settings.ledger_keys), str(ground.folder / "limit.db"))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.limit_server", *words, str(port)
    )
    try:
        async with asyncio.timeout(30), httpx.AsyncClient(trust_env=False) as client:
            while not await _is_up(client, port):  # noqa: ASYNC110 - another process, no event
                await asyncio.sleep(_LOOK_EVERY_S)
        yield port
    finally:
        process.terminate()
        await process.wait()


async def _is_up(client: httpx.AsyncClient, port: int) -> bool:
    try:
        return (await client.get(f"http://{HOST}:{port}/readyz")).is_success
    except httpx.TransportError:
        return False


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
    """Yield whole requests, signed beforehand: the load costs the measured side nothing."""
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
