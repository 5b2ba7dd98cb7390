"""B1: applications taken over a second, beside a bare loop over the same pages."""

from time import perf_counter
from typing import Final

import aiohttp

from bench.bare_ledger import BareLedger
from bench.figure import Figure
from bench.stage import (
    ROUNDS,
    Stage,
    file_people,
    ledger_of,
    lonely_national_side,
    portal_of,
    rules_of,
    stage,
    take_all,
)
from duijie.demo.agencies import places_of
from gateway.adapters.keys import Sealer, load
from gateway.jobs.garbage_collection import settle_memory
from schemas.records.applications import FeedPage, ForwardedApplication
from schemas.reference.clock import utc_now
from schemas.signing import Target, sign_request, verify_answer

COUNT: Final = 3000
PAGE: Final = 100


async def measure() -> list[Figure]:
    """Measure both sides in turn."""
    ours: list[float] = []
    limits: list[float] = []
    settle_memory()  # as the gateway's own process does; both sides run in this one
    for _ in range(ROUNDS):
        async with stage() as ground, lonely_national_side(ground) as control:
            await file_people(control, COUNT, places_of(ground.agencies))
            limits.append(await _bare(ground))
            ours.append(await _taken_over(ground))
    return [
        Figure("B1", "接收: 每秒接收申请", "/s", tuple(ours), tuple(limits), least=0.60),
        Figure("B1", "接收: 绝对值(两个空闲核)", "/s", tuple(ours), least=4000),
    ]


async def _taken_over(ground: Stage) -> float:
    rules = rules_of(ground)
    async with portal_of(ground) as portal, ledger_of(ground) as store:
        started = perf_counter()
        numbers = await take_all(portal, store, rules)
        seconds = perf_counter() - started
    if len(numbers) != COUNT:
        raise RuntimeError(f"{len(numbers)} of {COUNT} taken over")
    return COUNT / seconds


async def _bare(ground: Stage) -> float:
    """Receive the same bytes, verify, validate, seal, insert, commit; nothing else."""
    path = ground.folder / "limit.db"
    path.unlink(missing_ok=True)
    ledger = BareLedger(path, Sealer(load(ground.settings.ledger_keys)))
    async with aiohttp.ClientSession(trust_env=False) as session:
        started = perf_counter()
        for turn in range(COUNT // PAGE):
            page = FeedPage.read(await _page(session, ground))
            items = [item for item in page.items if isinstance(item, ForwardedApplication)]
            # nothing is acknowledged, so the same page comes again: as other cases
            ledger.take_page(items, [f"{turn:04}:{item.application_no}" for item in items])
        seconds = perf_counter() - started
    ledger.close()
    return COUNT / seconds


async def _page(session: aiohttp.ClientSession, ground: Stage) -> bytes:
    link = ground.portal_link()
    url = f"{ground.settings.portal.url}/national/v1/applications?limit={PAGE}&wait=0"
    signed = sign_request(
        link.ours, Target.from_url("GET", url), body=None, content_type=None, now=utc_now()
    )
    async with session.get(url, headers=signed.headers) as answer:
        body = await answer.read()
        verify_answer(
            link.theirs,
            status=answer.status,
            headers=answer.headers,
            body=body,
            request_signature=signed.signature,
            now=utc_now(),
        )
    return body
