"""B1: applications that the intake stores a second, beside a bare loop over the same pages."""

from time import perf_counter
from typing import Final

import aiohttp

from bench.bare_ledger import BareLedger
from bench.environment import (
    ROUNDS,
    SEED,
    Environment,
    fresh_environment,
    ingest_all,
    ledger_store,
    national_side_program,
    portal_client,
)
from bench.figure import Figure, in_turn
from duijie.demo.agencies import places_of
from gateway.app.rules import load_rules
from gateway.flows.page_download import LONGEST_PAGE
from gateway.jobs.garbage_collection import settle_memory
from schemas.records.applications import FeedPage, ForwardedApplication
from schemas.reference.clock import utc_now
from schemas.signing import Target, sign_request, verify_answer
from storage.sealing_keys import load_sealer

COUNT: Final = 3000


async def measure() -> list[Figure]:
    """Measure both sides in turn, each on pages filed for it."""
    ours: list[float] = []
    limits: list[float] = []
    settle_memory()  # as the gateway's process does; both sides run in this one
    sides = ((limits, _measure_limit), (ours, _measure_ours))
    for turn in range(ROUNDS):
        for rates, rate_of in in_turn(sides, turn):
            async with fresh_environment() as env, national_side_program(env) as control:
                await control.file(COUNT, seed=SEED, places=places_of(env.agencies))
                rates.append(await rate_of(env))
    return [
        Figure("B1", "接收：每秒接收申请", "/s", tuple(ours), tuple(limits), minimum=0.60),
        Figure("B1", "接收：绝对值（两个空闲核）", "/s", tuple(ours), minimum=4000),
    ]


async def _measure_ours(env: Environment) -> float:
    rules = load_rules(env.settings)
    async with portal_client(env) as portal, ledger_store(env) as store:
        started = perf_counter()
        numbers = await ingest_all(portal, store, rules)
        seconds = perf_counter() - started
    if len(numbers) != COUNT:
        raise RuntimeError(f"{len(numbers)} of {COUNT} ingested")
    return COUNT / seconds


async def _measure_limit(env: Environment) -> float:
    """Receive the same bytes, verify, validate, seal, insert, commit; nothing else."""
    path = env.folder / "limit.db"
    path.unlink(missing_ok=True)
    ledger = BareLedger(path, load_sealer(env.settings.ledger_keys))
    async with aiohttp.ClientSession(trust_env=False) as session:
        started = perf_counter()
        for turn in range(COUNT // LONGEST_PAGE):
            page = FeedPage.read(await _page(session, env))
            items = [item for item in page.items if isinstance(item, ForwardedApplication)]
            # nothing is acknowledged, so the same page comes again: as other cases
            ledger.insert_page(items, [f"{turn:04}:{item.application_no}" for item in items])
        seconds = perf_counter() - started
    ledger.close()
    return COUNT / seconds


async def _page(session: aiohttp.ClientSession, env: Environment) -> bytes:
    link = env.portal_link()
    url = f"{env.settings.portal.url}/national/v1/applications?limit={LONGEST_PAGE}&wait=0"
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
